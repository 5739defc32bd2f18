//! Making symbolic links.

use super::owner::Owner;
use super::timestamp::Timestamp;
use crate::constraints::Constraints;

/// Makes a symbolic link. Needs [`Capability::FileSymlinkCreate`], which is not recorded in the
/// graph, as in Go: look for it before using this.
///
/// Both paths are taken as they stand. In particular, the link's own path does *not* start at the
/// working directory, unlike those of all other actions.
///
/// [`Capability::FileSymlinkCreate`]: crate::Capability::FileSymlinkCreate
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until a state's `file` takes it"]
pub struct Symlink {
    pub(crate) target: String,
    pub(crate) path: String,
    pub(crate) owner: Option<Box<Owner>>,
    pub(crate) created: Timestamp,
    /// Those of the chain that begins with the action.
    pub(super) constraints: Option<Box<Constraints>>,
}

impl Symlink {
    /// Makes a link at `path` that leads to `target`.
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
