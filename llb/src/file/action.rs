//! Chains of file actions.

use bytes::Bytes;

use super::bound::{BoundFileAction, CopySource, Origin};
use super::{Copy, FileOperation, Mkdir, Mkfile, Remove, Symlink, paths};
use crate::capability::{Capability, CapabilitySet};
use crate::constraints::{Constrain, Constraints};
use crate::few::Few;
use crate::state::State;
use crate::vertex::{Operation, Output};

/// Changes files, one action after the other, in one vertex.
///
/// A chain begins with any action and grows by [`FileAction::then`]:
///
/// ```
/// use buildkit_llb::{Constrain, Copy, FileAction, Mkdir, State};
///
/// let context = State::local("context");
/// let state = State::image("alpine:3.20")?.file(
///     Mkdir::new("/app", 0o755)
///         .parents()
///         .then(Copy::new(&context, "src", "/app/").contents())
///         .then(FileAction::mkfile("/app/version", 0o644, "1.0\n"))
///         .named("put the application together"),
/// );
/// # let _ = state;
/// # Ok::<(), buildkit_llb::ReferenceError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until a state's `file` takes it"]
pub struct FileAction {
    actions: Few<Action>,
    constraints: Constraints,
}

#[derive(Clone, Debug)]
pub(crate) enum Action {
    Mkdir(Mkdir),
    Mkfile(Mkfile),
    Symlink(Symlink),
    Remove(Remove),
    Copy(Box<Copy>),
}

impl FileAction {
    /// Makes a directory. [`Mkdir`] has its options.
    pub fn mkdir(path: impl Into<String>, mode: u32) -> Self {
        Mkdir::new(path, mode).into()
    }

    /// Writes a file. [`Mkfile`] has its options.
    pub fn mkfile(path: impl Into<String>, mode: u32, data: impl Into<Bytes>) -> Self {
        Mkfile::new(path, mode, data).into()
    }

    /// Makes a symbolic link at `path` that leads to `target`. [`Symlink`] has its options.
    pub fn symlink(target: impl Into<String>, path: impl Into<String>) -> Self {
        Symlink::new(target, path).into()
    }

    /// Removes a file or directory. [`Remove`] has its options.
    pub fn remove(path: impl Into<String>) -> Self {
        Remove::new(path).into()
    }

    /// Copies `source` of a state to `destination`. [`struct@Copy`] has its options.
    pub fn copy(from: impl Into<CopySource>, source: &str, destination: impl Into<String>) -> Self {
        Copy::new(from, source, destination).into()
    }

    /// Adds what is done next. The constraints of both count for the vertex.
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        let next = next.into();
        self.actions.extend(next.actions);
        self.constrained(&next.constraints)
    }

    /// Binds the chain to a state without making a vertex of it, for a [`struct@Copy`] to take files
    /// from. All chains that a vertex copies from become actions of that vertex.
    ///
    /// Constraints of the chain have no effect then.
    pub fn on(self, state: &State) -> BoundFileAction {
        BoundFileAction::new(self.actions.into_iter().collect(), state)
    }

    /// Changes files of a state.
    pub(crate) fn apply(self, state: &State) -> State {
        let operation = match self.actions {
            Few::One(action) if !action.takes_from_chain() => FileOperation::of_one(action, state),
            actions => {
                let actions = actions.into_iter().collect();
                FileOperation::new(BoundFileAction::new(actions, state))
            }
        };
        let operation = Operation::File(operation);
        let mut constraints = self.constraints;
        // Go means to record more, for single options, but its loop runs over a list that is
        // still empty. Recording them would only make graphs fail on daemons that ignore them.
        constraints.require(CapabilitySet::new().with(Capability::FileBase));
        state.with_output(Some(Output::first(operation, constraints)))
    }
}

impl Constrain for FileAction {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

/// Makes a kind of action the beginning of a chain.
macro_rules! chain {
    ($($kind:ident => $wrap:expr;)*) => {$(
        impl From<$kind> for FileAction {
            fn from(mut action: $kind) -> Self {
                let constraints = action.constraints.take();
                let constraints = constraints.map_or_else(Constraints::new, |own| *own);
                Self {
                    actions: Few::One($wrap(action)),
                    constraints,
                }
            }
        }

        /// What is said of an action counts for the vertex of its whole chain.
        impl Constrain for $kind {
            fn constraints_mut(&mut self) -> &mut Constraints {
                self.constraints.get_or_insert_default()
            }
        }

        impl $kind {
            /// Begins a chain of actions with this one, and adds what is done next.
            pub fn then(self, next: impl Into<FileAction>) -> FileAction {
                FileAction::from(self).then(next)
            }
        }
    )*};
}

chain! {
    Mkdir => Action::Mkdir;
    Mkfile => Action::Mkfile;
    Symlink => Action::Symlink;
    Remove => Action::Remove;
    Copy => |copy| Action::Copy(Box::new(copy));
}

impl Action {
    /// Makes relative paths start at the working directory of the state that is changed.
    pub(super) fn normalize(&mut self, directory: &str) {
        let (path, normalize): (_, fn(&str, String) -> String) = match self {
            Self::Mkdir(mkdir) => (&mut mkdir.path, paths::normalize),
            Self::Mkfile(mkfile) => (&mut mkfile.path, paths::normalize),
            Self::Remove(remove) => (&mut remove.path, paths::normalize),
            Self::Copy(copy) => (&mut copy.destination, paths::normalize_destination),
            Self::Symlink(_) => return,
        };
        *path = normalize(directory, std::mem::take(path));
    }

    /// Returns what a copy copies from.
    pub(super) fn source(&self) -> Option<&CopySource> {
        match self {
            Self::Copy(copy) => copy.from.as_ref(),
            _ => None,
        }
    }

    /// Lets go of what a copy copies from.
    /// Tells whether it copies out of a chain of actions.
    pub(super) fn takes_from_chain(&self) -> bool {
        matches!(self.source(), Some(CopySource(Origin::Chain(_))))
    }

    pub(super) fn forget_source(&mut self) {
        if let Self::Copy(copy) = self {
            copy.from = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Graph, MarshalOptions};

    #[test]
    fn constraints_of_actions_are_those_of_their_vertex() {
        let context = State::local("context");
        let copy = Copy::new(&context, "a", "/a")
            .named("copy")
            .ignoring_cache();
        let chain = Mkdir::new("/d", 0o755).named("mkdir").then(copy);
        let definition = State::scratch()
            .file(chain.then(Remove::new("/x").on_worker("fast")))
            .marshal(&MarshalOptions::new());
        let graph = Graph::read(&definition).expect("valid");
        let (vertex, _) = graph.result().expect("a result");
        assert_eq!(vertex.name(), "copy");
        assert!(vertex.metadata().ignores_cache());
        let filters = &vertex.to_json_value()["op"]["constraints"]["filter"];
        assert_eq!(filters, &serde_json::json!(["fast"]));
    }
}
