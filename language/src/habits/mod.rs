//! What people bring from Dockerfiles, Compose files and CI systems, and what it is called here.
//!
//! Three tables: keys ([`key`] and [`step`]), forms of values ([`form`]), and whole files ([`file`]). The diagnostics of
//! what is wrong ask them for a better help than the list of what there is; whatever else is brought becomes a row.

mod files;
mod forms;
mod keys;
mod mounts;
mod paths;

pub(crate) use files::{dockerfile, file};
pub(crate) use forms::{Place, form};
pub(crate) use keys::{Instead, key, step};
