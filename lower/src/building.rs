//! A stage that is being lowered: what its steps, mounts and copies need to know of everything else.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use buildkit_llb::{Platform, State};
use stagefile_language::plan::{Output, Plan, Source, Stage, StageId, Step};
use stagefile_language::source::{Span, Spanned};

use super::built::Built;
use super::run_context::RunContext;
use super::times::KeptTimes;
use super::{Lowering, paths};

/// A stage that is being lowered.
pub(super) struct Building<'a> {
    /// What it is part of.
    pub plan: &'a Plan,
    /// What the plan is lowered with.
    pub lowering: &'a Lowering<'a>,
    /// The stages that it needs.
    pub done: &'a BTreeMap<StageId, Built>,
    /// The stage itself.
    pub stage: &'a Stage,
    /// The steps whose copies keep their times.
    pub kept: &'a KeptTimes,
    /// What the stage runs on.
    pub platform: &'a Platform,
    /// The variables of the base image.
    pub base_env: Arc<[String]>,
    /// The names of the variables that the stage's image has.
    pub image_env: Arc<HashSet<&'a str>>,
    /// Whether nothing of the stage is taken from the cache.
    pub no_cache: bool,
    /// Whether the config is known that the stage began with.
    pub config_known: bool,
}

impl<'a> Building<'a> {
    /// Begins a stage, or returns to one whose base is known, for what its scripts see.
    pub(super) fn new(
        plan: &'a Plan,
        stage: &'a Stage,
        built: &Built,
        done: &'a BTreeMap<StageId, Built>,
        kept: &'a KeptTimes,
        lowering: &'a Lowering<'a>,
    ) -> Self {
        let set = stage.image.env.iter().filter(|(_, value)| value.is_some());
        Self {
            plan,
            lowering,
            done,
            stage,
            kept,
            platform: &stage.platform,
            base_env: Arc::clone(&built.base_env),
            image_env: Arc::new(set.map(|(name, _)| name.as_str()).collect()),
            no_cache: lowering.options.no_cache.contains(&stage.name),
            config_known: built.config_known,
        }
    }

    /// Describes processes that have these variables in the place of the base image's.
    pub(super) fn with_env(&self, base_env: Vec<String>) -> Self {
        Self {
            base_env: base_env.into(),
            image_env: Arc::clone(&self.image_env),
            ..*self
        }
    }

    /// Describes where a script runs, for what is mounted for it.
    pub(super) fn context<'c>(
        &'c self,
        workdir: &'c str,
        user: &'c str,
        env: &'c [(&'c str, &'c str)],
    ) -> RunContext<'c> {
        RunContext {
            workdir,
            stage: self.stage.name.as_str(),
            platform: self.platform,
            user,
            env,
        }
    }

    /// Returns a source's files, and where a path of the source lies in them.
    pub(super) fn files(&self, source: &Spanned<Source>, path: &str) -> Option<(State, String)> {
        let whole = |state: &State| (state.clone(), path.to_owned());
        match &source.value {
            Source::MainContext => self.lowering.externals.main_context.as_ref().map(whole),
            Source::External(external) => self
                .lowering
                .external(external, self.platform, source.span)
                .map(|resolved| whole(&resolved.state)),
            Source::Stage(id) => self.done.get(id).map(|stage| whole(&stage.state)),
            Source::Output(id, name) => {
                let stage = self.done.get(id)?;
                match self.plan.stage(*id).output(name)? {
                    Output::Run(number, output) => {
                        let left = stage.outputs.get(&(*number, output.clone()));
                        left.map(|(state, output)| (state.clone(), inside(output, path)))
                    }
                    Output::Path(output) => {
                        let output = paths::join(&stage.workdir, output);
                        Some((stage.state.clone(), inside(&output, path)))
                    }
                }
            }
        }
    }
}

/// Returns where a path of an output lies; a trailing slash, which means the content, is kept.
fn inside(output: &str, path: &str) -> String {
    format!("{}{path}", output.trim_end_matches('/'))
}

/// What a step's actions depend on besides the step.
#[derive(Clone, Copy)]
pub(super) struct StepContext<'a> {
    /// The step itself.
    pub step: &'a Step,
    /// The directory that relative paths start at.
    pub workdir: &'a str,
    /// The files that it changes.
    pub files: &'a State,
    /// Which times has what it copies.
    pub times: CopyTimes,
}

/// Which times copies have, as it is decided for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyTimes {
    /// The time of new files.
    Fixed,
    /// Their own, and so have the directories that they are put into.
    Kept,
    /// Their own, which are the same in every build; the directories that they are put into have the time of new files.
    Steady,
}

/// Lists the places of a step: the uses of templates that lead to it, and its own.
pub(super) fn places(step: &Step) -> impl Iterator<Item = Span> {
    step.uses.iter().copied().chain([step.span])
}
