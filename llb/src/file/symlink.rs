//! Creating symbolic links.

use super::owner::Owner;
use super::timestamp::Timestamp;
use crate::constraints::Constraints;

/// An action that creates a symbolic link. Needs [`Capability::FileSymlinkCreate`], which, as in Go, is
/// not recorded in the graph: check for it before using this.
///
/// Both paths are used as they are. In particular, and unlike the paths of all other actions, the
/// link's own path is *not* resolved against the working directory.
///
/// [`Capability::FileSymlinkCreate`]: crate::Capability::FileSymlinkCreate
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until a state's `file` takes it"]
pub struct Symlink {
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) owner: Option<Box<Owner>>,
    pub(crate) created: Timestamp,
    /// The constraints of the chain that begins with the action.
    pub(super) constraints: Option<Box<Constraints>>,
}

impl Symlink {
    /// Creates a link at `path` that points to `target`.
    pub fn new(target: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            target: target.into(),
            path: path.into(),
            owner: None,
            created: Timestamp::UNSET,
            constraints: None,
        }
    }

    /// Sets the owner.
    pub fn owner(mut self, owner: Owner) -> Self {
        self.owner = Some(Box::new(owner));
        self
    }

    /// Sets the modification time.
    pub fn created(mut self, time: Timestamp) -> Self {
        self.created = time;
        self
    }
}
