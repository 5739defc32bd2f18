//! Dockerfiles that are built as a part of another build.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_llb::{Definition, Platform, State};
use bytes::Bytes;

use super::contexts::Contexts;
use super::named::NamedContext;
use crate::capability::table;
use crate::client::SolveRequest;
use crate::error::Error;
use crate::failure::Failure;

/// The Dockerfile frontend that is a part of the daemon.
const DOCKERFILE: &str = "dockerfile.v0";
/// How clients call the build context, and the directory of the file.
const CONTEXT: &str = "context";
const ENTRYPOINT: &str = "dockerfile";
/// The metadata key of an image's configuration.
const IMAGE_CONFIG: &str = "containerimage.config";
/// The option that says how deep in such builds a build is. Frontends of images hand it on, as they do all options.
const DEPTH: &str = "nested-dockerfile";
/// How deep they may be. A file that is built by way of itself would never end.
const MAX_DEPTH: u32 = 8;
/// What the client says of its own build alone.
const NOT_HANDED_ON: [&str; 11] = [
    "attest:",
    "label:",
    "vcs:",
    "requestid",
    "cmdline",
    "source",
    "frontend.caps",
    "no-cache",
    "multi-platform",
    "dockerfilekey",
    "build-arg:BUILDKIT_S",
];

/// A Dockerfile of the build context, built as a part of another build.
#[derive(Clone, Debug)]
pub struct DockerfileBuild {
    /// The file, relative to the build context.
    pub filename: String,
    /// The stage to build; the last one if absent.
    pub target: Option<String>,
    /// What it is built for.
    pub platform: Platform,
    /// Its build arguments; those of the client are not its own.
    pub args: Vec<(String, String)>,
    /// What its named contexts stand for: graphs, and the configuration of those that are images.
    pub contexts: BTreeMap<String, (Definition, Option<Bytes>)>,
}

impl Contexts {
    /// Has the daemon's Dockerfile frontend make a graph of a Dockerfile, with the client's build context and its wishes
    /// for all builds. Nothing is built yet.
    pub async fn dockerfile(&self, build: &DockerfileBuild) -> Result<NamedContext, Failure> {
        let gateway = &self.client.capabilities().gateway;
        gateway
            .require(&table::REFERENCE_OUTPUT)
            .map_err(Error::from)?;
        if !build.contexts.is_empty() {
            gateway.require(&table::INPUTS).map_err(Error::from)?;
        }
        let depth = self.options.raw().get(DEPTH);
        let depth: u32 = depth.and_then(|depth| depth.parse().ok()).unwrap_or(0);
        if depth >= MAX_DEPTH {
            return Err(Failure::new(format!(
                "{} is built by way of itself, or Dockerfiles are nested more than {MAX_DEPTH} deep",
                build.filename
            )));
        }
        let handed_on = self
            .options
            .raw()
            .iter()
            .filter(|(name, _)| self.is_handed_on(name));
        let mut request = SolveRequest::frontend(DOCKERFILE)
            .options(handed_on)
            .option(DEPTH, (depth + 1).to_string())
            .option("filename", &build.filename)
            .option("target", build.target.as_deref().unwrap_or_default())
            .option("platform", build.platform.to_string());
        for (name, value) in &build.args {
            request = request.option(format!("build-arg:{name}"), value);
        }
        request = self.with_main_context(request);
        for (name, (definition, config)) in &build.contexts {
            let input = format!("nested-{name}");
            request = request.option(format!("context:{name}"), format!("input:{input}"));
            if let Some(config) = config {
                let metadata = serde_json::json!({ IMAGE_CONFIG: STANDARD.encode(config) });
                request = request.option(format!("input-metadata:{input}"), metadata.to_string());
            }
            request = request.input(input, definition);
        }
        let request = request.cache_imports(&self.options.cache_imports);
        let result = self.client.solve(request).await?;
        let state = match result.reference(&build.platform) {
            None => State::scratch(),
            Some(reference) => {
                let definition = Definition::try_from(reference.definition()?.clone())
                    .map_err(|error| Failure::new(error.to_string()))?;
                State::from_definition(&definition)
                    .map_err(|error| Failure::new(error.to_string()))?
            }
        };
        match result.platform_metadata(IMAGE_CONFIG, &build.platform) {
            None => Ok(NamedContext::of(state)),
            Some(config) => Ok(NamedContext::of_image(
                &build.filename,
                &state,
                config.clone(),
                None,
            )?),
        }
    }

    /// Tells whether an option of the client's is for every build that it starts.
    fn is_handed_on(&self, name: &str) -> bool {
        let own = name.strip_prefix("build-arg:");
        let is_own = own.is_some_and(|name| {
            self.options.build_args.contains_key(name) || name == "BUILDKIT_MULTI_PLATFORM"
        });
        !is_own && !NOT_HANDED_ON.iter().any(|other| name.starts_with(other))
    }

    /// The file is looked for in the build context, wherever that is.
    fn with_main_context(&self, request: SolveRequest) -> SolveRequest {
        let context = self.inputs.get(CONTEXT);
        let named = self.inputs.iter().filter(|(name, _)| *name != ENTRYPOINT);
        let request = named.fold(request, |request, (name, definition)| {
            request.input(name, definition.clone())
        });
        match context {
            Some(context) => request.input(ENTRYPOINT, context.clone()),
            None if self.options.context.is_some() => request,
            None => request.option("dockerfilekey", CONTEXT),
        }
    }
}
