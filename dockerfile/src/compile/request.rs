//! The parameters of a compilation.

use std::collections::BTreeMap;

use buildkit_gateway::Options;
use buildkit_llb::{Platform, SourceMap, Support};

/// The prefix of the client's options for build arguments.
const BUILD_ARG: &str = "build-arg:";

/// The parameters of a compilation: the client's options, the platform, the daemon's capabilities
/// and so on.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The client's options.
    pub options: &'a Options,
    /// The platform to build for; that of the base image if `None`.
    pub platform: Option<&'a Platform>,
    /// The platforms that the daemon supports natively, the default one first.
    pub build_platforms: &'a [Platform],
    /// The daemon's capabilities.
    pub support: &'a Support,
    /// The file, for the locations of operations.
    pub source_map: &'a SourceMap,
    /// Whether stages that the target doesn't need are processed too, as checks do.
    pub all_stages: bool,
}

impl Request<'_> {
    /// Returns all build arguments, including those meant for BuildKit.
    pub(super) fn build_args(&self) -> BTreeMap<String, String> {
        let args = self.options.raw().iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(BUILD_ARG)?;
            Some((name.to_owned(), value.clone()))
        });
        args.collect()
    }

    pub(super) fn target_platform(&self) -> Platform {
        let platform = self.platform.or(self.build_platforms.first());
        platform.cloned().unwrap_or_else(Platform::host)
    }

    pub(super) fn build_platform(&self) -> Platform {
        let platform = self.build_platforms.first().or(self.platform);
        platform.cloned().unwrap_or_else(Platform::host)
    }

    /// Reports whether the client provides a named context with this name
    /// (`frontend/dockerui/namedcontext.go`).
    pub(super) fn stands_for_context(&self, name: &str, platform: Option<&Platform>) -> bool {
        if ["scratch", "context"]
            .iter()
            .any(|reserved| reserved.eq_ignore_ascii_case(name))
        {
            return false;
        }
        let contexts = &self.options.files.named_contexts;
        if contexts.is_empty() {
            return false;
        }
        let Ok(reference) = buildkit_llb::Reference::parse(name) else {
            return contexts.contains_key(name);
        };
        let familiar = reference.familiar();
        let name = familiar.strip_suffix(":latest").unwrap_or(&familiar);
        let host = Platform::host();
        let platform = platform.or(self.platform).unwrap_or(&host).normalize();
        contexts.contains_key(&format!("{name}::{platform}")) || contexts.contains_key(name)
    }
}
