//! Removing files.

use crate::constraints::Constraints;

/// Removes a file or a whole directory.
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until a state's `file` takes it"]
pub struct Remove {
    pub(crate) path: String,
    pub(crate) allow_not_found: bool,
    pub(crate) wildcards: bool,
    /// Those of the chain that begins with the action.
    pub(super) constraints: Option<Box<Constraints>>,
}

impl Remove {
    /// Removes what is at a path, and fails if there is nothing.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            allow_not_found: false,
            wildcards: false,
            constraints: None,
        }
    }

    /// Succeeds also if there is nothing.
    pub fn allowing_not_found(mut self) -> Self {
        self.allow_not_found = true;
        self
    }

    /// Expands `*`, `?` and `[…]` in the path. Needs
    /// [`Capability::FileRmWildcard`](crate::Capability::FileRmWildcard), which is not recorded in
    /// the graph, as in Go.
    pub fn wildcards(mut self) -> Self {
        self.wildcards = true;
        self
    }
}
