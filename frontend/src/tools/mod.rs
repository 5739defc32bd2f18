//! The tools for a file besides building it, one file for each: available as a subrequest of a build, or on the command
//! line.

pub mod bake;
pub mod caches;
pub mod check;
pub mod convert;
pub mod diff;
pub mod expand;
pub mod explain;
pub mod fix;
pub mod folder;
pub mod graph;
pub mod init;
pub mod layers;
pub mod library;
pub mod lint;
mod literal;
pub mod llb;
mod location;
pub mod lock;
pub mod manual;
pub mod outline;
pub(crate) mod reading;
pub mod schema;
mod table;
pub mod targets;
pub mod verbs;
pub mod version;
