//! What a stage becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use buildkit_image_config::{ContainerConfig, History, ImageConfig};
use buildkit_llb::{Platform, State};
use bytes::Bytes;
use stagefile_language::plan::{Run, StageId, Step};
use stagefile_language::source::Span;

use super::taken::Taken;
use super::{Resolved, paths, progress};

/// What history says of who made a layer.
const COMMENT: &str = "stagefile";

/// The result of a stage.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its files.
    pub state: State,
    /// The config of its image.
    pub config: ImageConfig,
    /// The config of the image that it is based on, if there is one, byte for byte.
    pub base_config: Option<Bytes>,
    /// Its files before anything that it requires has succeeded; a stage on top of it goes on from there, and requires
    /// the same in the end. So it doesn't wait, and isn't done again when only a test has changed.
    pub(super) unchecked: State,
    /// What checks its own assertions.
    pub(super) checks: Vec<State>,
    /// What has to succeed.
    pub(super) requirements: Vec<Requirement>,
    /// Whether its files have the same times in every build.
    pub(super) steady: bool,
    /// Whether it can't have lists of users and groups.
    pub(super) lacks_users: bool,
    /// Whether the config is known to be that of the image.
    pub(super) config_known: bool,
    /// The stage that it starts from.
    pub(super) base: Option<StageId>,
    /// The first of the stages that it goes on from; `None` if it is itself the first.
    pub(super) root: Option<StageId>,
    /// What it did itself, for the history, yet without times; what its base did stays there, so that a chain of stages is
    /// not written out once for each of them.
    pub(super) layers: Vec<History>,
    /// What its own steps take of others.
    pub(super) taken: Vec<Taken>,
    /// Its own scripts, in their order.
    pub(super) scripts: Vec<Script>,
    /// What its steps' outputs hold, by step and path: files, and where the output is in them.
    pub(super) outputs: BTreeMap<(usize, String), (State, String)>,
    /// The directory that relative paths of its steps start at.
    pub(super) workdir: String,
    /// The directory and the user of the image that the chain of stages begins with.
    pub(super) origin: Origin,
    /// The variables that its scripts began with.
    pub(super) base_env: Arc<[String]>,
}

/// Something that has to succeed.
#[derive(Clone, Debug)]
pub(super) struct Requirement {
    /// What progress output calls it.
    pub(super) name: String,
    pub(super) state: State,
    /// Where it is written.
    pub(super) span: Span,
}

/// A script of a stage.
#[derive(Clone, Debug)]
pub struct Script {
    /// The files once it has run.
    pub state: State,
    /// Where it is written.
    pub span: Span,
}

/// What scripts inherit of an image, where nothing is written.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) workdir: String,
    pub(super) user: String,
    /// The first names of all paths that the image's config has: directories of the image's own, such as `go` or `data`.
    pub(super) directories: Arc<BTreeSet<String>>,
}

impl Built {
    /// Makes the result wait for a script whose changes aren't part of it.
    pub(super) fn check(&mut self, step: &Step, run: &Run, state: State) {
        self.requirements.push(Requirement {
            name: progress::check(step, run),
            state,
            span: step.span,
        });
    }
}

impl Built {
    /// Adds what only the result that is wanted needs: the history of all its stages, and the client's labels.
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

    /// Returns what is there before the first step of a stage without a base.
    pub(super) fn scratch(platform: &Platform) -> Self {
        let config = ImageConfig::scratch(platform);
        Self::of(State::scratch(), config, None)
    }

    pub(super) fn of(state: State, config: ImageConfig, base_config: Option<Bytes>) -> Self {
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

    /// Returns what a stage begins with that starts from this one. What this one's own steps did stays here.
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
                // Instructions for a Dockerfile that is based on the image; this isn't one.
                config.config.on_build.clear();
                Self::of(image.state.clone(), config, Some(base.json.clone()))
            }
            None => Self {
                state: image.state.clone(),
                ..Self::scratch(platform)
            },
        }
    }

    /// Returns the directory that a script of the stage starts in.
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

    /// Returns the directories that the config names of the image which the chain of stages begins with.
    pub(super) fn image_directories(&self) -> &Arc<BTreeSet<String>> {
        &self.origin.directories
    }
}

/// Lists the first names of the paths that a config has.
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

/// Collects the history of a stage, from the first stage of its chain on.
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
