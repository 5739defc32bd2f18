//! What will be built: expressions evaluated, names resolved, values checked; still no LLB.
//!
//! A [`Plan`] knows nothing of YAML, so another notation could make one too; [`plan()`] makes it of a
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

/// The target that stands for the caches of all stages.
pub const CACHES_TARGET: &str = "@caches";
/// The context that caches are imported from. It stands for no stage, image or directory.
pub const CACHES_CONTEXT: &str = "caches";

/// What the client asks for, as far as the plan depends on it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Build arguments, without those that have a meaning of their own (`BUILDKIT_…`, proxies).
    pub args: BTreeMap<String, String>,
    /// What the client names: a stage, or with `@` after it something of one.
    pub target: Option<String>,
    /// What the image is for, and what the build runs on.
    pub platforms: Platforms,
    /// What the client says of the checkout that it builds.
    pub vcs: Vcs,
    /// The names of the contexts that the client gives, of those for one platform as `NAME::PLATFORM`; without
    /// [`CACHES_CONTEXT`]. `None` where there is no client, so that it isn't known what one will give.
    pub contexts: Option<BTreeSet<String>>,
}

/// What will be built.
#[derive(Debug)]
pub struct Plan {
    /// All stages of the file, in its order; a [`StageId`] is an index here.
    pub stages: Vec<Stage>,
    /// How many of them are the user's own; the others are those of imported files.
    pub own: usize,
    /// The stage whose result is wanted.
    pub target: StageId,
    /// The stages whose reports are wanted instead, all of them combinations of one; mostly none.
    pub reported: Vec<StageId>,
    /// The stage that is built when the client names none.
    pub default: StageId,
    /// Whether the file says so; else it is the last one.
    pub names_default: bool,
    /// The build arguments that the file declares.
    pub args: Args,
    /// Stages that are needed besides the target.
    pub others: Vec<StageId>,
    /// The stages for which the client doesn't give what they use themselves. The target needs none of them.
    pub lacking: BTreeSet<StageId>,
    /// What becomes of warnings.
    pub rules: Rules,
    /// The secrets of the user's own file that are variables, by these.
    pub secrets: BTreeMap<String, String>,
    /// The others, by their files.
    pub secret_files: BTreeMap<String, String>,
}

impl Request {
    /// Asks for the default target for a platform that is also what the build runs on, with no client to give anything.
    pub fn of(platform: Platform) -> Self {
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

    /// Lists the names of the contexts, those for one platform included.
    pub fn context_names(&self) -> impl Iterator<Item = &str> {
        let contexts = self.contexts.iter().flatten();
        contexts.map(|key| context_name(key))
    }

    /// Returns the name of the stage that the client names, if it names one.
    pub fn target_stage(&self) -> Option<&str> {
        let target = self.target.as_deref()?;
        Some(target.split_once('@').map_or(target, |(stage, _)| stage))
    }

    /// Tells whether the client gives a context, be it for one platform only.
    pub fn gives_context(&self, name: &str) -> bool {
        self.context_names().any(|other| other == name)
    }
}

/// Returns the name of a context that may be for one platform only.
pub fn context_name(key: &str) -> &str {
    key.split_once("::").map_or(key, |(name, _)| name)
}

impl Plan {
    /// Returns a stage.
    pub fn stage(&self, id: StageId) -> &Stage {
        &self.stages[id.index()]
    }

    /// Lists the stages that may be meant when the client names none: several if the last one has a matrix, and nothing
    /// chooses one of its combinations.
    pub fn defaults(&self) -> Vec<&Stage> {
        let default = self.stage(self.default);
        let is_meant = |stage: &&Stage| {
            std::ptr::eq(*stage, default) || !self.names_default && stage.span == default.span
        };
        self.stages[..self.own].iter().filter(is_meant).collect()
    }

    /// Makes all of the user's own stages needed.
    pub fn want_all(&mut self) {
        self.others = (0..self.own).map(StageId).collect();
    }

    /// Makes those of the user's own stages needed for which the client gives all that they need.
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

    /// Returns what is wanted, as the client names it.
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

    /// Lists everything that runs a program for what is wanted.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        let needed = self.order().into_iter();
        needed.flat_map(|id| self.stage(id).runs())
    }

    /// Returns the stages that are needed, each after those that it needs itself.
    pub fn order(&self) -> Vec<StageId> {
        let others = self.others.iter().chain(&self.reported);
        order(&self.stages, std::iter::once(&self.target).chain(others))
    }

    /// Returns some stages and those that they need, each after those that it needs itself.
    pub fn order_of(&self, wanted: &[StageId]) -> Vec<StageId> {
        order(&self.stages, wanted.iter())
    }
}

/// Returns the stages that some need, and these, each after those that it needs itself.
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
