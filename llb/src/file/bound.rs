//! Chains of actions that are bound to the state that they change.

use std::sync::Arc;

use super::action::Action;
use crate::state::State;
use crate::vertex::Output;

/// A chain of actions that is bound to a state, from which a [`Copy`](crate::Copy) can take files
/// without a vertex in between. Cheap to clone. Clones count as the same chain, whose actions a
/// vertex has only once.
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

    /// Returns the file system that the chain changes.
    pub(super) fn base(&self) -> Option<&Output> {
        self.0.state.output()
    }

    /// Returns an identity that clones share, unique among the chains alive.
    pub(super) fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Moves the actions out, or copies them if the chain is shared.
    pub(super) fn into_actions(self) -> Vec<Action> {
        match Arc::try_unwrap(self.0) {
            Ok(mut chain) => std::mem::take(&mut chain.actions),
            Err(chain) => chain.actions.clone(),
        }
    }
}

/// Chains may be nested as deeply as states, so this doesn't recurse either.
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

/// The source of a copy: a state, or a chain of actions on one.
#[derive(Clone, Debug)]
pub struct CopySource(pub(super) Origin);

#[derive(Clone, Debug)]
pub(super) enum Origin {
    State(State),
    Chain(BoundFileAction),
}

impl CopySource {
    /// Returns the directory that relative paths are resolved against.
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
