//! The plan of a build: expressions are evaluated, names resolved, and values checked, but there is no LLB yet.
//!
//! A [`Plan`] is independent of YAML, so it could be created from another notation; [`plan()`] creates it from a
//! [`File`](crate::syntax::File). Every stage of the file is planned, not only those that the target needs, so that all
//! mistakes are reported at once.

mod annotation;
mod args;
mod assert;
mod bases;
mod bind;
mod command;
mod external;
mod healthcheck;
mod image;
mod import;
mod limits;
mod packages;
pub mod preset;
mod remote;
mod settings;
mod stage;
mod step;
mod vcs;

pub use annotation::{Annotation, AnnotationTarget};
pub use args::{Arg, Args};
pub use assert::{Asserted, Assertions, FileFact, ImageFact};
pub(crate) use bases::Config;
pub use bases::{Bases, WantedBase};
pub(crate) use bind::place_of;
pub use bind::{BoundPattern, MAX_MATCHES};
pub use command::Command;
pub use external::{DockerfileSource, External, ImageSource, LayoutSource};
pub use healthcheck::{Check, Healthcheck};
pub use image::{Image, Part};
pub use import::{Import, ImportedFile};
pub use limits::{Cpus, Device, Limits, Memory, Ulimit};
pub(crate) use packages::managers;
pub use remote::{Fetch, Git, GitSource, HttpSource};
pub use settings::{
    BindPattern, Cache, Division, Mount, Network, Owner, Reach, Secret, Settings, Sharing,
    SshAgent, Target,
};
pub(crate) use stage::REPORTS;
pub use stage::{Base, Layer, Layers, Output, Outputs, Report, Source, Stage, StageId};
pub use step::{
    Action, Copy, IMAGE, Mkdir, Mode, Remove, Run, Step, StepId, Symlink, Times, Tmpfs, Write,
    is_directory,
};
pub use vcs::{VCS, Vcs};

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::Platform;

use crate::diagnostic::Rules;
use crate::expression::Platforms;

/// The target for the caches of all stages.
pub const CACHES_TARGET: &str = "@caches";
/// The context that caches are imported from. It isn't available as a stage, image or directory.
pub const CACHES_CONTEXT: &str = "caches";

/// The client's request, as far as the plan depends on it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The build arguments, without special ones (`BUILDKIT_…`, proxies).
    pub args: BTreeMap<String, String>,
    /// The target: a stage, optionally with `@` and a part of it.
    pub target: Option<String>,
    /// The platforms of the image and of the build.
    pub platforms: Platforms,
    /// The client's information about the checkout.
    pub vcs: Vcs,
    /// The names of the client's contexts, those for one platform as `NAME::PLATFORM`; without [`CACHES_CONTEXT`].
    /// `None` if there is no client, so that they are unknown.
    pub contexts: Option<BTreeSet<String>>,
}

/// The plan of a build.
#[derive(Debug)]
pub struct Plan {
    /// All stages of the file, in order; a [`StageId`] is an index.
    pub stages: Vec<Stage>,
    /// The number of the user's own stages, which come before those of imported files.
    pub own: usize,
    /// The stage whose result is requested.
    pub target: StageId,
    /// The stages whose reports are requested instead, all of them combinations of one stage; usually empty.
    pub reported: Vec<StageId>,
    /// The stage that is built if the client names none.
    pub default: StageId,
    /// Whether the file sets it; otherwise it is the last stage.
    pub names_default: bool,
    /// The build arguments that the file declares.
    pub args: Args,
    /// Stages that are needed in addition to the target.
    pub others: Vec<StageId>,
    /// The stages for which the client doesn't provide everything that they use themselves. The target needs none of
    /// them.
    pub lacking: BTreeSet<StageId>,
    /// The levels of warnings.
    pub rules: Rules,
    /// The secrets of the user's own file that are variables, by variable.
    pub secrets: BTreeMap<String, String>,
    /// The other secrets, by file.
    pub secret_files: BTreeMap<String, String>,
}

impl Request {
    /// Creates a request for the default target on a platform that also runs the build, without a client.
    pub fn new(platform: Platform) -> Self {
        Self {
            args: BTreeMap::new(),
            target: None,
            platforms: Platforms {
                target: platform.clone(),
                build: platform,
            },
            vcs: Vcs::default(),
            contexts: None,
        }
    }

    /// Iterates over the names of the contexts, including those for one platform.
    pub fn context_names(&self) -> impl Iterator<Item = &str> {
        let contexts = self.contexts.iter().flatten();
        contexts.map(|key| context_name(key))
    }

    /// Returns the name of the stage that the client requests, if any.
    pub fn target_stage(&self) -> Option<&str> {
        let target = self.target.as_deref()?;
        Some(target.split_once('@').map_or(target, |(stage, _)| stage))
    }

    /// Reports whether the client provides a context, even if only for one platform.
    pub fn gives_context(&self, name: &str) -> bool {
        self.context_names().any(|other| other == name)
    }
}

/// Returns the name of a context without its platform.
pub fn context_name(key: &str) -> &str {
    key.split_once("::").map_or(key, |(name, _)| name)
}

impl Plan {
    /// Returns a stage.
    pub fn stage(&self, id: StageId) -> &Stage {
        &self.stages[id.index()]
    }

    /// Returns the possible stages if the client names none: several if the last one has a matrix, and no combination
    /// is selected.
    /// chooses one of its combinations.
    pub fn defaults(&self) -> Vec<&Stage> {
        let default = self.stage(self.default);
        let is_meant = |stage: &&Stage| {
            std::ptr::eq(*stage, default) || !self.names_default && stage.span == default.span
        };
        self.stages[..self.own].iter().filter(is_meant).collect()
    }

    /// Marks all of the user's own stages as needed.
    pub fn want_all(&mut self) {
        self.others = (0..self.own).map(StageId).collect();
    }

    /// Marks the user's own stages as needed for which the client provides everything.
    pub fn want_all_given(&mut self) {
        self.want_all();
        let mut lacking = self.lacking.clone();
        for id in self.order() {
            if self
                .stage(id)
                .needs()
                .any(|(need, _)| lacking.contains(&need))
            {
                lacking.insert(id);
            }
        }
        self.others.retain(|id| !lacking.contains(id));
    }

    /// Returns the target as the client names it.
    pub fn target_name(&self) -> String {
        let reported = self.reported.iter();
        let names: Vec<String> = reported
            .map(|id| self.stage(*id).reports_target())
            .collect();
        match names.as_slice() {
            [] => self.stage(self.target).name.clone(),
            names => names.join(", "),
        }
    }

    /// Iterates over everything that runs a program for the target.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        let needed = self.order().into_iter();
        needed.flat_map(|id| self.stage(id).runs())
    }

    /// Returns the needed stages, each after its dependencies.
    pub fn order(&self) -> Vec<StageId> {
        let others = self.others.iter().chain(&self.reported);
        order(&self.stages, std::iter::once(&self.target).chain(others))
    }

    /// Returns some stages and their dependencies, each after its own dependencies.
    pub fn order_of(&self, wanted: &[StageId]) -> Vec<StageId> {
        order(&self.stages, wanted.iter())
    }
}

/// Returns these stages and their dependencies, each after its own dependencies.
pub(crate) fn order<'a>(
    stages: &[Stage],
    wanted: impl DoubleEndedIterator<Item = &'a StageId>,
) -> Vec<StageId> {
    let mut order = Vec::new();
    let mut seen = vec![false; stages.len()];
    let mut pending: Vec<_> = wanted.rev().map(|id| (*id, false)).collect();
    while let Some((id, ready)) = pending.pop() {
        if ready {
            order.push(id);
        } else if !std::mem::replace(&mut seen[id.index()], true) {
            pending.push((id, true));
            let needs = stages[id.index()].needs();
            pending.extend(needs.map(|(needed, _)| (needed, false)));
        }
    }
    order
}
