//! Lowered stages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use buildkit_image_config::{ContainerConfig, History, ImageConfig};
use buildkit_llb::{Platform, State};
use bytes::Bytes;
use stagefile_language::plan::{Run, StageId, Step};
use stagefile_language::source::Span;

use super::taken::Taken;
use super::{Resolved, paths, progress};

/// The history's comment for our layers.
const COMMENT: &str = "stagefile";

/// A lowered stage.
#[derive(Clone, Debug)]
pub struct Built {
    /// The files.
    pub state: State,
    /// The image's config.
    pub config: ImageConfig,
    /// The config of the base image as the original JSON, if there is one.
    pub base_config: Option<Bytes>,
    /// The files without the requirements. A stage based on this one starts from these, and has the same requirements at
    /// its end. So it doesn't wait for them, and isn't rebuilt if only a test has changed.
    pub(super) unchecked: State,
    /// The steps that check its own assertions.
    pub(super) checks: Vec<State>,
    /// The states that must succeed.
    pub(super) requirements: Vec<Requirement>,
    /// Whether its files have the same timestamps in every build.
    pub(super) steady: bool,
    /// Whether it is known to have no lists of users and groups.
    pub(super) lacks_users: bool,
    /// Whether the config is known to be that of the image.
    pub(super) config_known: bool,
    /// The stage that it starts from.
    pub(super) base: Option<StageId>,
    /// The first stage in the chain of its bases; `None` if it is itself the first.
    pub(super) root: Option<StageId>,
    /// The history of its own steps, without times. The history of its base is kept there, so that a chain of stages isn't
    /// copied for each of them.
    pub(super) layers: Vec<History>,
    /// The paths that its own steps take from other sources.
    pub(super) taken: Vec<Taken>,
    /// Its own scripts, in order.
    pub(super) scripts: Vec<Script>,
    /// The content of its steps' outputs, by step and path: files, and the position of the output in them.
    pub(super) outputs: BTreeMap<(usize, String), (State, String)>,
    /// The directory that relative paths of its steps are resolved against.
    pub(super) workdir: String,
    /// The directory and the user of the first base image.
    pub(super) origin: Origin,
    /// The environment variables that its scripts started with.
    pub(super) base_env: Arc<[String]>,
}

/// A state that must succeed.
#[derive(Clone, Debug)]
pub(super) struct Requirement {
    /// The name in progress output.
    pub(super) name: String,
    pub(super) state: State,
    /// The location in the file.
    pub(super) span: Span,
}

/// A script of a stage.
#[derive(Clone, Debug)]
pub struct Script {
    /// The files after the script has run.
    pub state: State,
    /// The location in the file.
    pub span: Span,
}

/// The settings that scripts inherit from an image.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) workdir: String,
    pub(super) user: String,
    /// The first components of all paths in the image's config: directories that belong to the image, such as `go` or
    /// `data`.
    pub(super) directories: Arc<BTreeSet<String>>,
}

impl Built {
    /// Makes the result depend on a script whose changes aren't part of it.
    pub(super) fn check(&mut self, step: &Step, run: &Run, state: State) {
        self.requirements.push(Requirement {
            name: progress::check(step, run),
            state,
            span: step.span,
        });
    }
}

impl Built {
    /// Adds what only the target needs: the history of all its stages, and the client's labels.
    pub(super) fn finished(
        mut self,
        history: Vec<History>,
        labels: &BTreeMap<String, String>,
        created: String,
    ) -> Self {
        self.config.history.extend(history);
        self.config.created = Some(created);
        let labels = labels
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        self.config.config.labels.extend(labels);
        self
    }

    /// Returns the initial state of a stage without a base.
    pub(super) fn scratch(platform: &Platform) -> Self {
        let config = ImageConfig::scratch(platform);
        Self::new(State::scratch(), config, None)
    }

    pub(super) fn new(state: State, config: ImageConfig, base_config: Option<Bytes>) -> Self {
        let workdir = paths::clean(&config.config.working_dir);
        let origin = Origin {
            workdir: workdir.clone(),
            user: config.config.user.clone(),
            directories: Arc::new(directories(&config.config)),
        };
        Self {
            unchecked: state.clone(),
            taken: Vec::new(),
            scripts: Vec::new(),
            state,
            config,
            base_config,
            checks: Vec::new(),
            requirements: Vec::new(),
            steady: true,
            lacks_users: false,
            config_known: true,
            base: None,
            root: None,
            layers: Vec::new(),
            outputs: BTreeMap::new(),
            workdir,
            origin,
            base_env: Arc::default(),
        }
    }

    /// Returns the initial state of a stage based on this one. The results of this stage's own steps are not copied.
    pub(super) fn continued(&self, own: StageId) -> Self {
        Self {
            state: self.unchecked.clone(),
            config: self.config.clone(),
            base_config: self.base_config.clone(),
            unchecked: self.unchecked.clone(),
            checks: Vec::new(),
            requirements: self.requirements.clone(),
            steady: self.steady,
            lacks_users: self.lacks_users,
            config_known: self.config_known,
            base: Some(own),
            root: self.root.or(Some(own)),
            layers: Vec::new(),
            taken: Vec::new(),
            scripts: Vec::new(),
            outputs: BTreeMap::new(),
            workdir: self.workdir.clone(),
            origin: self.origin.clone(),
            base_env: Arc::clone(&self.base_env),
        }
    }

    pub(super) fn resolved(image: &Resolved, platform: &Platform) -> Self {
        match &image.image {
            Some(base) => {
                let mut config = base.config.inherit();
                // These are instructions for a Dockerfile based on the image, which this isn't.
                config.config.on_build.clear();
                Self::new(image.state.clone(), config, Some(base.json.clone()))
            }
            None => Self {
                state: image.state.clone(),
                ..Self::scratch(platform)
            },
        }
    }

    /// Returns the working directory of a script of the stage.
    pub(super) fn workdir_of(&self, run: &Run) -> String {
        match &run.settings.workdir {
            Some(path) => paths::join(&self.origin.workdir, path),
            None => self.workdir.clone(),
        }
    }

    /// Returns the user of a script of the stage; empty for root.
    pub(super) fn user_of<'a>(&'a self, run: &'a Run) -> &'a str {
        run.settings.user.as_deref().unwrap_or(&self.origin.user)
    }

    /// Returns the directories in the config of the first base image.
    pub(super) fn image_directories(&self) -> &Arc<BTreeSet<String>> {
        &self.origin.directories
    }
}

/// Returns the first components of the paths in a config.
pub(super) fn directories(config: &ContainerConfig) -> BTreeSet<String> {
    let values = config.env.iter().filter_map(|pair| pair.split_once('='));
    let values = values.flat_map(|(_, value)| value.split(':'));
    let programs = config.entrypoint.iter().chain(&config.cmd);
    let paths = programs.chain(&config.volumes).chain([&config.working_dir]);
    values
        .chain(paths.map(String::as_str))
        .filter(|path| path.starts_with('/'))
        .map(|path| paths::first(path).to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// Collects the history of a stage, beginning with the first stage of its chain.
pub(super) fn history(
    built: &BTreeMap<StageId, Built>,
    id: StageId,
    created: &str,
) -> Vec<History> {
    let chain = std::iter::successors(built.get(&id), |stage| built.get(&stage.base?));
    let layers = chain.flat_map(|stage| stage.layers.iter().rev().cloned());
    let mut history: Vec<History> = layers
        .map(|layer| layer.with_comment(COMMENT).at(created))
        .collect();
    history.reverse();
    history
}
