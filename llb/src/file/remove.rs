//! Removing files.

use crate::constraints::Constraints;

/// An action that removes a file or a whole directory.
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until a state's `file` takes it"]
pub struct Remove {
    pub(crate) path: String,
    pub(crate) allow_not_found: bool,
    pub(crate) wildcards: bool,
    /// The constraints of the chain that begins with the action.
    pub(super) constraints: Option<Box<Constraints>>,
}

impl Remove {
    /// Removes the file or directory at a path, and fails if there is none.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            allow_not_found: false,
            wildcards: false,
            constraints: None,
        }
    }

    /// Succeeds even if there is nothing at the path.
    pub fn allow_not_found(mut self) -> Self {
        self.allow_not_found = true;
        self
    }

    /// Expands `*`, `?` and `[…]` in the path. Needs
    /// [`Capability::FileRmWildcard`](crate::Capability::FileRmWildcard), which, as in Go, is not
    /// recorded in the graph.
    pub fn wildcards(mut self) -> Self {
        self.wildcards = true;
        self
    }
}
