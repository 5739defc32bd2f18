//! Writing files.

use bytes::Bytes;

use super::owner::Owner;
use super::timestamp::Timestamp;
use crate::constraints::Constraints;

/// An action that writes a file whose content is part of the graph. A message to a daemon is limited to 16
/// MiB, so large files have to come from a source.
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until a state's `file` takes it"]
pub struct Mkfile {
    pub(crate) path: String,
    pub(crate) mode: u32,
    pub(crate) data: Bytes,
    pub(crate) owner: Option<Box<Owner>>,
    pub(crate) created: Timestamp,
    /// The constraints of the chain that begins with the action.
    pub(super) constraints: Option<Box<Constraints>>,
}

impl Mkfile {
    /// Writes a file with these permissions, of which only the lower nine bits are used.
    pub fn new(path: impl Into<String>, mode: u32, data: impl Into<Bytes>) -> Self {
        Self {
            path: path.into(),
            mode: mode & 0o777,
            data: data.into(),
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
