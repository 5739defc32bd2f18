//! Keys and values from Dockerfiles, Compose files and CI systems, with their equivalents here.
//!
//! There are three tables: keys ([`key`] and [`step`]), forms of values ([`form`]), and files ([`file`]). Diagnostics
//! use them for better help than a list of what is valid; further habits are added as rows.

mod files;
mod forms;
mod keys;
mod mounts;
mod paths;

pub(crate) use files::{dockerfile, file};
pub(crate) use forms::{ValuePosition, form};
pub(crate) use keys::{Instead, key, step};
