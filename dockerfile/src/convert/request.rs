//! What a file is converted for.

use std::collections::BTreeMap;

use buildkit_gateway::Options;
use buildkit_llb::{Platform, SourceMap, Support};

/// The prefix of the client's options that are build arguments.
const BUILD_ARG: &str = "build-arg:";

/// What a file is converted for: what the client wants, on which platform, with which daemon.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What the client wants.
    pub options: &'a Options,
    /// The platform to build for; the base image decides if absent.
    pub platform: Option<&'a Platform>,
    /// The platforms that the daemon runs natively, the first one first.
    pub build_platforms: &'a [Platform],
    /// What the daemon can do.
    pub support: &'a Support,
    /// The file, for the places of operations.
    pub source_map: &'a SourceMap,
    /// Whether stages that the target doesn't need are looked at, too, as checks do.
    pub all_stages: bool,
}

impl Request<'_> {
    /// Returns all build arguments, also those that are meant for BuildKit.
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

    /// Returns the key of the client's context that a name stands for, if the client says so
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
