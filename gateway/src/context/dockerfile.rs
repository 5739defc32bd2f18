//! Dockerfiles that are built as part of another build.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_llb::{Definition, Platform, State};
use buildkit_proto::ops;
use bytes::Bytes;

use super::contexts::Contexts;
use super::named::NamedContext;
use crate::capability::table;
use crate::client::SolveRequest;
use crate::error::Error;
use crate::failure::Failure;
use crate::options::Options;

/// The Dockerfile frontend that is built into the daemon.
const DOCKERFILE: &str = "dockerfile.v0";
/// The name that clients give the build context and the directory of the file.
const CONTEXT: &str = "context";
const ENTRYPOINT: &str = "dockerfile";
/// The metadata key of an image's configuration.
const IMAGE_CONFIG: &str = "containerimage.config";
/// The option with the nesting depth of a build. Frontends in images pass it on, like all options.
const DEPTH: &str = "nested-dockerfile";
/// The maximum nesting depth, since a file that builds itself would never end.
const MAX_DEPTH: u32 = 8;
/// Options that apply only to the client's own build.
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

/// A Dockerfile of the build context, built as part of another build.
#[derive(Clone, Debug)]
pub struct DockerfileBuild {
    /// The file's path, relative to the build context.
    pub filename: String,
    /// The stage to build; the last one if `None`.
    pub target: Option<String>,
    /// The platform to build for.
    pub platform: Platform,
    /// The build arguments. The client's build arguments aren't passed on.
    pub args: Vec<(String, String)>,
    /// The named contexts: graphs, with the configuration of those that are images.
    pub contexts: BTreeMap<String, (Definition, Option<Bytes>)>,
}

/// The options and inputs of such a build.
struct Parts {
    options: BTreeMap<String, String>,
    inputs: BTreeMap<String, ops::Definition>,
}

impl Contexts {
    /// Has the daemon's Dockerfile frontend convert a Dockerfile to a graph, with the client's build context and the
    /// client's options that apply to all builds. Nothing is built yet.
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
        let parts = self.parts(build);
        let mut request = SolveRequest::frontend(DOCKERFILE)
            .options(&parts.options)
            .option(DEPTH, (depth + 1).to_string());
        for (name, definition) in parts.inputs {
            request = request.input(name, definition);
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
            None => Ok(NamedContext::from_state(state)),
            Some(config) => Ok(NamedContext::of_image(
                &build.filename,
                &state,
                config.clone(),
                None,
            )?),
        }
    }

    /// Returns the contexts of such a build, for callers that create the graph themselves: with its own options, its file
    /// in the build context, and its named contexts taking precedence over the client's.
    pub fn for_dockerfile(&self, build: &DockerfileBuild) -> Result<Self, Failure> {
        let parts = self.parts(build);
        let options = parts.options.iter();
        let options = options.map(|(name, value)| (name.as_str(), value.as_str()));
        let options = Options::parse(options).map_err(Error::from)?;
        let mut nested = self.clone();
        nested.options = options;
        nested.entrypoint_state = self.remote_state();
        nested.only_file = None;
        nested.inputs = parts.inputs;
        if let Some(state) = nested.input(ENTRYPOINT)? {
            nested.entrypoint_state = Some(state);
        }
        Ok(nested)
    }

    /// Returns the options that these contexts were created from.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Collects the options and inputs of such a build.
    fn parts(&self, build: &DockerfileBuild) -> Parts {
        let handed_on = self.options.raw().iter();
        let handed_on = handed_on.filter(|(name, _)| self.is_handed_on(name));
        let mut options: BTreeMap<String, String> = handed_on
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let target = build.target.clone().unwrap_or_default();
        for (name, value) in [
            ("filename", build.filename.clone()),
            ("target", target),
            ("platform", build.platform.to_string()),
        ] {
            options.insert(name.to_owned(), value);
        }
        for (name, value) in &build.args {
            options.insert(format!("build-arg:{name}"), value.clone());
        }
        let mut inputs: BTreeMap<String, ops::Definition> = self
            .inputs
            .iter()
            .filter(|(name, _)| *name != ENTRYPOINT)
            .map(|(name, definition)| (name.clone(), definition.clone()))
            .collect();
        // The file is read from the build context, wherever that is.
        match inputs.get(CONTEXT).cloned() {
            Some(context) => _ = inputs.insert(ENTRYPOINT.to_owned(), context),
            None if self.options.files.context.is_some() => {}
            None => _ = options.insert("dockerfilekey".to_owned(), self.main.clone()),
        }
        for (name, (definition, config)) in &build.contexts {
            let input = format!("nested-{name}");
            options.insert(format!("context:{name}"), format!("input:{input}"));
            if let Some(config) = config {
                let metadata = serde_json::json!({ IMAGE_CONFIG: STANDARD.encode(config) });
                options.insert(format!("input-metadata:{input}"), metadata.to_string());
            }
            inputs.insert(input, definition.into());
        }
        Parts { options, inputs }
    }

    /// Reports whether an option of the client applies to all builds that it starts.
    fn is_handed_on(&self, name: &str) -> bool {
        let own = name.strip_prefix("build-arg:");
        let is_own = own.is_some_and(|name| {
            self.options.build_args.contains_key(name) || name == "BUILDKIT_MULTI_PLATFORM"
        });
        !is_own && !NOT_HANDED_ON.iter().any(|other| name.starts_with(other))
    }
}
