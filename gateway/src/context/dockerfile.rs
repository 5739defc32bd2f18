//! Dockerfiles that are built as a part of another build.

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

/// What such a build is told.
struct Parts {
    options: BTreeMap<String, String>,
    inputs: BTreeMap<String, ops::Definition>,
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
            None => Ok(NamedContext::of(state)),
            Some(config) => Ok(NamedContext::of_image(
                &build.filename,
                &state,
                config.clone(),
                None,
            )?),
        }
    }

    /// Returns the contexts as such a build sees them, for those who make the graph themselves: with its own options, its
    /// file in the build context, and its named contexts before those of the client.
    pub fn of_dockerfile(&self, build: &DockerfileBuild) -> Result<Self, Failure> {
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

    /// Returns the options that these contexts are of.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Collects what such a build is told.
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
        // The file is looked for in the build context, wherever that is.
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

    /// Tells whether an option of the client's is for every build that it starts.
    fn is_handed_on(&self, name: &str) -> bool {
        let own = name.strip_prefix("build-arg:");
        let is_own = own.is_some_and(|name| {
            self.options.build_args.contains_key(name) || name == "BUILDKIT_MULTI_PLATFORM"
        });
        !is_own && !NOT_HANDED_ON.iter().any(|other| name.starts_with(other))
    }
}
