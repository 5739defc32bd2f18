//! Chains of actions that know which state they change.

use std::sync::Arc;

use super::action::Action;
use crate::state::State;
use crate::vertex::Output;

/// Holds a chain of actions that is bound to a state, for a [`Copy`](crate::Copy) to take files
/// from without a vertex between them. Cheap to clone; clones count as the same chain, whose
/// actions a vertex has once.
///
/// ```
/// use buildkit_llb::{Copy, FileAction, State};
///
/// let made = FileAction::mkfile("config", 0o644, "debug = false\n")
///     .on(&State::scratch().dir("/made"));
/// let state = State::image("alpine:3.20")?.file(
///     Copy::new(&made, "config", "/etc/one")
///         .then(Copy::new(&made, "config", "/etc/two")),
/// );
/// # let _ = state;
/// # Ok::<(), buildkit_llb::ReferenceError>(())
/// ```
#[derive(Clone, Debug)]
pub struct BoundFileAction(Arc<Chain>);

#[derive(Debug)]
struct Chain {
    actions: Vec<Action>,
    state: State,
}

impl BoundFileAction {
    pub(super) fn new(mut actions: Vec<Action>, state: &State) -> Self {
        for action in &mut actions {
            action.normalize(state.get_dir());
        }
        Self(Arc::new(Chain {
            actions,
            state: state.clone(),
        }))
    }

    pub(super) fn actions(&self) -> &[Action] {
        &self.0.actions
    }

    /// Returns what the chain changes.
    pub(super) fn base(&self) -> Option<&Output> {
        self.0.state.output()
    }

    /// Returns a value that clones have in common, and no other chain meanwhile.
    pub(super) fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Takes the actions out, or copies them if others hold the chain too.
    pub(super) fn into_actions(self) -> Vec<Action> {
        match Arc::try_unwrap(self.0) {
            Ok(mut chain) => std::mem::take(&mut chain.actions),
            Err(chain) => chain.actions.clone(),
        }
    }
}

/// Chains may be nested as deeply as states: no recursion here either.
impl Drop for Chain {
    fn drop(&mut self) {
        let mut pending = std::mem::take(&mut self.actions);
        while let Some(mut action) = pending.pop() {
            let Action::Copy(copy) = &mut action else {
                continue;
            };
            if let Some(CopySource(Origin::Chain(chain))) = copy.from.take()
                && let Some(mut chain) = Arc::into_inner(chain.0)
            {
                pending.append(&mut chain.actions);
            }
        }
    }
}

/// Names what a copy takes files from: a state, or a chain of actions on one.
#[derive(Clone, Debug)]
pub struct CopySource(pub(super) Origin);

#[derive(Clone, Debug)]
pub(super) enum Origin {
    State(State),
    Chain(BoundFileAction),
}

impl CopySource {
    /// Returns the directory that relative paths start at.
    pub(super) fn directory(&self) -> &str {
        match &self.0 {
            Origin::State(state) => state.get_dir(),
            Origin::Chain(chain) => chain.0.state.get_dir(),
        }
    }
}

impl From<State> for CopySource {
    fn from(state: State) -> Self {
        Self(Origin::State(state))
    }
}

impl From<&State> for CopySource {
    fn from(state: &State) -> Self {
        Self(Origin::State(state.clone()))
    }
}

impl From<BoundFileAction> for CopySource {
    fn from(chain: BoundFileAction) -> Self {
        Self(Origin::Chain(chain))
    }
}

impl From<&BoundFileAction> for CopySource {
    fn from(chain: &BoundFileAction) -> Self {
        Self(Origin::Chain(chain.clone()))
    }
}
