//! Compilation of steps to a graph.

use std::cell::{Cell, RefCell};

use buildkit_llb::{BindMount, CacheMount, Constrain as _, FileAction, Mount, State, When as _};

use super::source_path::{SourceOrigin, SourcePath};
use super::stage::{Origin, StageState};
use super::step::{CopyStep, From, MountStep, Step, StepKind};

/// The file systems of stages that have been created so far.
pub(super) struct Emitter<'a> {
    stages: Vec<StageState<'a>>,
    context: State,
    uses_context: Cell<bool>,
    made: Vec<Option<State>>,
    source_paths: RefCell<Vec<SourcePath>>,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(stages: Vec<StageState<'a>>, context: State) -> Self {
        Self {
            context,
            uses_context: Cell::new(false),
            made: vec![None; stages.len()],
            source_paths: RefCell::new(Vec::new()),
            stages,
        }
    }

    /// Returns the stages. Those that have been created have no steps left.
    pub(super) fn stages(&self) -> &[StageState<'a>] {
        &self.stages
    }

    /// Reports whether anything created so far uses files of the build context.
    pub(super) fn uses_context(&self) -> bool {
        self.uses_context.get()
    }

    /// Returns the paths that instructions of the stages created so far take files from.
    pub(super) fn into_source_paths(self) -> Vec<SourcePath> {
        self.source_paths.into_inner()
    }

    /// Creates a stage and everything that it needs, without recursion: there may be many stages, each based on the previous
    /// one.
    pub(super) fn stage(&mut self, index: usize) -> State {
        let mut waiting = vec![index];
        let mut is_open = vec![false; self.stages.len()];
        while let Some(&index) = waiting.last() {
            if self.made[index].is_some() {
                waiting.pop();
                continue;
            }
            if is_open[index] {
                // Everything that was pushed above it has been created.
                self.made[index] = Some(self.make(index));
                waiting.pop();
                continue;
            }
            let stage = &self.stages[index];
            is_open[index] = true;
            let uses = stage.uses.as_slice().iter().map(|(used, _)| *used);
            // An open stage that is needed again is a cycle, of a kind that checks let pass and that can't be built. Stages
            // that are only waiting are created now, and skipped later.
            let missing = uses
                .chain(stage.base)
                .filter(|&used| !is_open[used] && self.made[used].is_none());
            waiting.extend(missing);
        }
        self.made[index].clone().unwrap_or_default()
    }

    fn make(&mut self, index: usize) -> State {
        let steps = std::mem::take(&mut self.stages[index].steps);
        let stage = &self.stages[index];
        let mut state = match (stage.base, &stage.origin) {
            (Some(base), _) => self.made[base].clone().unwrap_or_default(),
            (None, Origin::Unknown) => State::scratch(),
            (None, Origin::State(state)) => state.clone(),
            (None, Origin::Context(files, platform)) => {
                let state = if stage.paths.is_empty() {
                    files.all()
                } else {
                    files.with_paths(&stage.paths)
                };
                match platform {
                    Some(platform) => state.platform(platform),
                    None => state,
                }
            }
        };
        let has_steps = !steps.is_empty();
        for step in steps {
            state = self.apply(state, step);
        }
        // Later steps have the settings of the end, and so do stages that start from this one.
        if !has_steps && matches!(stage.origin, Origin::Context(..)) {
            return state;
        }
        state.settings_of(&stage.settings)
    }

    fn apply(&self, state: State, step: Step) -> State {
        match step.kind {
            StepKind::Run(exec, settings, mounts) => {
                let mounts = mounts.into_iter();
                let exec = mounts.fold(exec, |exec, mount| exec.mount(self.mount(mount, &state)));
                state.settings_of(&settings).run(exec).into()
            }
            StepKind::Mkdir(action) => state.file(action),
            StepKind::Copy(copies, constraints, link) => {
                let Some(action) = self.copies(copies, &state) else {
                    return state;
                };
                let action = action.constrained(&constraints);
                match link {
                    None => state.file(action),
                    Some(link) => {
                        let copied = State::scratch().file(action);
                        link.merge(&state, &copied).settings_of(&state)
                    }
                }
            }
        }
    }

    fn copies(&self, copies: Vec<CopyStep>, own: &State) -> Option<FileAction> {
        let actions = copies.into_iter().map(|copy| {
            let files = self.files(&copy.from, own);
            if copy.options.of_files {
                self.note(&copy.from, &files, &copy.source);
            }
            FileAction::from(copy.action(&files))
        });
        actions.reduce(FileAction::then)
    }

    /// Returns files. If a stage takes files from itself, as a trigger can, these are the files so far.
    fn files(&self, from: &From, own: &State) -> State {
        match from {
            From::Context => {
                self.uses_context.set(true);
                self.context.clone()
            }
            From::Stage(index) => self.made[*index].as_ref().unwrap_or(own).clone(),
            From::State(state) => state.clone(),
        }
    }

    /// Records what an instruction takes files from.
    fn note(&self, from: &From, files: &State, path: &str) {
        let from = match from {
            From::Context => SourceOrigin::Context,
            From::Stage(index) => {
                let stage = &self.stages[*index];
                if stage.unregistered {
                    SourceOrigin::Other(stage.base_name.to_string())
                } else if stage.is_context {
                    SourceOrigin::Other(stage.name.to_string())
                } else {
                    SourceOrigin::Stage(stage.name.to_string())
                }
            }
            From::State(_) => return,
        };
        self.source_paths.borrow_mut().push(SourcePath {
            files: files.clone(),
            from,
            path: path.to_owned(),
        });
    }

    fn mount(&self, mount: MountStep, own: &State) -> Mount {
        match mount {
            MountStep::Ready(mount) => mount,
            MountStep::Bind {
                from,
                target,
                selector,
                readonly,
                without_output,
            } => {
                let files = self.files(&from, own);
                if let Some(path) = &selector {
                    self.note(&from, &files, path);
                }
                Mount::bind(target, &files)
                    .when_some(selector, BindMount::selector)
                    .when(readonly, BindMount::readonly)
                    .when(!readonly && without_output, BindMount::without_output)
                    .into()
            }
            MountStep::Cache {
                from,
                target,
                selector,
                readonly,
                id,
                sharing,
                directory,
            } => {
                let files = self.files(&from, own);
                let files = match directory {
                    None => files,
                    Some(action) => files.file(*action),
                };
                Mount::cache(target)
                    .id(id)
                    .sharing(sharing)
                    .seed(&files)
                    .when_some(selector, CacheMount::selector)
                    .when(readonly, CacheMount::readonly)
                    .into()
            }
        }
    }
}
