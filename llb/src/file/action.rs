//! Chains of file actions.

use bytes::Bytes;

use super::bound::{BoundFileAction, CopySource, Origin};
use super::{Copy, FileOperation, Mkdir, Mkfile, Remove, Symlink, paths};
use crate::capability::{Capability, CapabilitySet};
use crate::constraints::{Constrain, Constraints};
use crate::few::Few;
use crate::state::State;
use crate::vertex::{Operation, Output};

/// A chain of file actions, which are one vertex.
///
/// A chain begins with any action and is extended by [`FileAction::then`]:
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
    /// Creates a directory. See [`Mkdir`] for options.
    pub fn mkdir(path: impl Into<String>, mode: u32) -> Self {
        Mkdir::new(path, mode).into()
    }

    /// Writes a file. See [`Mkfile`] for options.
    pub fn mkfile(path: impl Into<String>, mode: u32, data: impl Into<Bytes>) -> Self {
        Mkfile::new(path, mode, data).into()
    }

    /// Creates a symbolic link at `path` that points to `target`. See [`Symlink`] for options.
    pub fn symlink(target: impl Into<String>, path: impl Into<String>) -> Self {
        Symlink::new(target, path).into()
    }

    /// Removes a file or directory. See [`Remove`] for options.
    pub fn remove(path: impl Into<String>) -> Self {
        Remove::new(path).into()
    }

    /// Copies `source` from a state to `destination`. See [`struct@Copy`] for options.
    pub fn copy(from: impl Into<CopySource>, source: &str, destination: impl Into<String>) -> Self {
        Copy::new(from, source, destination).into()
    }

    /// Adds the next action. The vertex gets the constraints of both.
    pub fn then(mut self, next: impl Into<Self>) -> Self {
        let next = next.into();
        self.actions.extend(next.actions);
        self.constrained(&next.constraints)
    }

    /// Binds the chain to a state without creating a vertex, so that a [`struct@Copy`] can take
    /// files from it. All chains that a vertex copies from become actions of that vertex.
    ///
    /// The constraints of the chain have no effect in this case.
    pub fn on(self, state: &State) -> BoundFileAction {
        BoundFileAction::new(self.actions.into_iter().collect(), state)
    }

    /// Applies the chain to a state.
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
        // Go means to record more, for individual options, but its loop runs over a list that is
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

/// Lets a kind of action begin a chain.
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

        /// Constraints of an action apply to the vertex of its whole chain.
        impl Constrain for $kind {
            fn constraints_mut(&mut self) -> &mut Constraints {
                self.constraints.get_or_insert_default()
            }
        }

        impl $kind {
            /// Begins a chain with this action, and adds the next one.
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
    /// Resolves relative paths against the working directory of the state that is changed.
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

    /// Returns the source of a copy.
    pub(super) fn source(&self) -> Option<&CopySource> {
        match self {
            Self::Copy(copy) => copy.from.as_ref(),
            _ => None,
        }
    }

    /// Reports whether this is a copy from a chain of actions.
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
        let copy = Copy::new(&context, "a", "/a").named("copy").ignore_cache();
        let chain = Mkdir::new("/d", 0o755).named("mkdir").then(copy);
        let definition = State::scratch()
            .file(chain.then(Remove::new("/x").worker_filter("fast")))
            .marshal(&MarshalOptions::new());
        let graph = Graph::read(&definition).expect("valid");
        let (vertex, _) = graph.result().expect("a result");
        assert_eq!(vertex.name(), "copy");
        assert!(vertex.metadata().ignores_cache());
        let filters = &vertex.to_json_value()["op"]["constraints"]["filter"];
        assert_eq!(filters, &serde_json::json!(["fast"]));
    }
}
