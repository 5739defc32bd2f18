//! Changing files without running a process.

mod action;
mod bound;
mod copy;
mod encode;
mod mkdir;
mod mkfile;
mod operation;
mod owner;
mod paths;
mod remove;
mod symlink;
mod timestamp;

pub use action::FileAction;
pub use bound::{BoundFileAction, CopySource};
pub use copy::Copy;
pub use mkdir::Mkdir;
pub use mkfile::Mkfile;
pub(crate) use operation::FileOperation;
pub use owner::{Owner, UserId};
pub use remove::Remove;
pub use symlink::Symlink;
pub use timestamp::{Timestamp, TimestampError};
