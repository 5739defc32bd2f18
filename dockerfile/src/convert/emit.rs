//! From steps to a graph.

use std::cell::Cell;

use buildkit_llb::{Constrain as _, FileAction, Mount, State};

use super::Conversion;
use super::stage::{Origin, StageState};
use super::step::{CopyStep, From, MountStep, Step, StepKind};

/// The file systems of stages, as far as they are made.
pub(super) struct Emitter<'a> {
    stages: &'a [StageState],
    context: State,
    uses_context: Cell<bool>,
    made: Vec<Option<State>>,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(conversion: &'a Conversion<'_>, context: State) -> Self {
        Self {
            stages: &conversion.stages,
            context,
            uses_context: Cell::new(false),
            made: vec![None; conversion.stages.len()],
        }
    }

    /// Reports whether what is made so far has files of the build context.
    pub(super) fn uses_context(&self) -> bool {
        self.uses_context.get()
    }

    /// Makes a stage and all that it needs, without recursion: there may be many, each based on the one before.
    pub(super) fn stage(&mut self, index: usize) -> State {
        let mut waiting = vec![index];
        let mut is_open = vec![false; self.stages.len()];
        while let Some(&index) = waiting.last() {
            if self.made[index].is_some() {
                waiting.pop();
                continue;
            }
            let stage = &self.stages[index];
            if is_open[index] {
                // All that was on top of it is made.
                self.made[index] = Some(self.make(stage));
                waiting.pop();
                continue;
            }
            is_open[index] = true;
            let uses = stage.uses.iter().map(|(used, _)| *used);
            // What is open needs this one: a circle, of those that a check lets pass and nothing can build. What merely waits
            // is made now, and found made later.
            let missing = uses
                .chain(stage.base)
                .filter(|&used| !is_open[used] && self.made[used].is_none());
            waiting.extend(missing);
        }
        self.made[index].clone().unwrap_or_default()
    }

    fn make(&self, stage: &StageState) -> State {
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
        for step in &stage.steps {
            state = self.apply(&state, step);
        }
        // What comes next has the settings of the end, as have those that start from it.
        if stage.steps.is_empty() && matches!(stage.origin, Origin::Context(..)) {
            return state;
        }
        state.settings_of(&stage.settings)
    }

    fn apply(&self, state: &State, step: &Step) -> State {
        let state = state.settings_of(&step.settings);
        match &step.kind {
            StepKind::Run(exec, mounts) => {
                let exec = mounts.iter().fold((**exec).clone(), |exec, mount| {
                    exec.mount(self.mount(mount))
                });
                state.run(exec).root()
            }
            StepKind::Mkdir(action) => state.file((**action).clone()),
            StepKind::Copy(copies, constraints, link) => {
                let Some(action) = self.copies(copies) else {
                    return state;
                };
                let action = action.constrained(constraints);
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

    fn copies(&self, copies: &[CopyStep]) -> Option<FileAction> {
        let actions = copies
            .iter()
            .map(|copy| FileAction::from(copy.action(&self.files(&copy.from))));
        actions.reduce(FileAction::then)
    }

    fn files(&self, from: &From) -> State {
        match from {
            From::Context => {
                self.uses_context.set(true);
                self.context.clone()
            }
            From::Stage(index) => self.made[*index].clone().unwrap_or_default(),
            From::State(state) => state.clone(),
        }
    }

    fn mount(&self, mount: &MountStep) -> Mount {
        match mount {
            MountStep::Ready(mount) => mount.clone(),
            MountStep::Bind {
                from,
                target,
                selector,
                readonly,
                without_output,
            } => {
                let mut mount = Mount::bind(target, &self.files(from));
                if let Some(selector) = selector {
                    mount = mount.selector(selector);
                }
                if *readonly {
                    mount = mount.readonly();
                } else if *without_output {
                    mount = mount.without_output();
                }
                mount
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
                let files = self.files(from);
                let files = match directory {
                    None => files,
                    Some(action) => files.file((**action).clone()),
                };
                let mut mount = Mount::cache(target).id(id).sharing(*sharing).seed(&files);
                if let Some(selector) = selector {
                    mount = mount.selector(selector);
                }
                if *readonly {
                    mount = mount.readonly();
                }
                mount
            }
        }
    }
}
