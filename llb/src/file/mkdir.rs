//! Creating directories.

use super::owner::Owner;
use super::timestamp::Timestamp;
use crate::constraints::Constraints;

/// An action that creates a directory.
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until a state's `file` takes it"]
pub struct Mkdir {
    pub(crate) path: String,
    pub(crate) mode: u32,
    pub(crate) parents: bool,
    pub(crate) owner: Option<Box<Owner>>,
    pub(crate) created: Timestamp,
    /// The constraints of the chain that begins with the action.
    pub(super) constraints: Option<Box<Constraints>>,
}

impl Mkdir {
    /// Creates a directory with these permissions, of which only the lower nine bits are used.
    pub fn new(path: impl Into<String>, mode: u32) -> Self {
        Self {
            path: path.into(),
            mode: mode & 0o777,
            parents: false,
            owner: None,
            created: Timestamp::UNSET,
            constraints: None,
        }
    }

    /// Creates missing parents too, and accepts a directory that exists already.
    pub fn parents(mut self) -> Self {
        self.parents = true;
        self
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
