//! The items that most programs need, for `use buildkit_llb::prelude::*`.
//!
//! [`Copy`](struct@crate::Copy) is not included, since it would shadow the trait of that name:
//! [`FileAction::copy`] creates a copy without options.

pub use crate::{
    AnySource, Constrain, Definition, Exec, FileAction, Git, Http, Image, Local, MarshalOptions,
    Mkdir, Mkfile, Mount, Owner, Platform, Remove, Run, Secret, Sharing, SshSocket, State, Symlink,
    When,
};
