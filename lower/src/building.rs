//! The context for lowering a stage's steps, mounts and copies.

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
    /// The plan that contains the stage.
    pub plan: &'a Plan,
    /// The parameters of the lowering.
    pub lowering: &'a Lowering<'a>,
    /// The stages that it depends on.
    pub done: &'a BTreeMap<StageId, Built>,
    /// The stage.
    pub stage: &'a Stage,
    /// The steps whose copies keep their timestamps.
    pub kept: &'a KeptTimes,
    /// The platform that the stage runs on.
    pub platform: &'a Platform,
    /// The environment variables of the base image.
    pub base_env: Arc<[String]>,
    /// The names of the environment variables that the stage's image sets.
    pub image_env: Arc<HashSet<&'a str>>,
    /// Whether the stage is built without the cache.
    pub no_cache: bool,
    /// Whether the config that the stage started with is known.
    pub config_known: bool,
}

impl<'a> Building<'a> {
    /// Begins a stage, or resumes one whose base is known, to determine what its scripts see.
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

    /// Returns the context for processes with these environment variables instead of the base
    /// image's.
    pub(super) fn with_env(&self, base_env: Vec<String>) -> Self {
        Self {
            base_env: base_env.into(),
            image_env: Arc::clone(&self.image_env),
            ..*self
        }
    }

    /// Returns the context for a script's mounts.
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

    /// Returns a source's files, and the position in them of a path of the source.
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

/// Returns the position of a path in an output; a trailing slash, which means the directory's
/// content, is kept.
fn inside(output: &str, path: &str) -> String {
    format!("{}{path}", output.trim_end_matches('/'))
}

/// The context for a step's actions.
#[derive(Clone, Copy)]
pub(super) struct StepContext<'a> {
    /// The step.
    pub step: &'a Step,
    /// The directory that relative paths are resolved against.
    pub workdir: &'a str,
    /// The files that it changes.
    pub files: &'a State,
    /// The timestamps of the files that it copies.
    pub times: CopyTimes,
}

/// The timestamps of copies, as decided for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyTimes {
    /// The timestamp of new files.
    Fixed,
    /// The original timestamps, also for the directories that contain the copies.
    Kept,
    /// The original timestamps, which are the same in every build; the directories that contain the
    /// copies have the timestamp of new files.
    Steady,
}

/// Iterates over the locations of a step: the uses of templates that lead to it, and its own.
pub(super) fn places(step: &Step) -> impl Iterator<Item = Span> {
    step.uses.iter().copied().chain([step.span])
}
