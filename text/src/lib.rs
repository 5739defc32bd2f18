//! Strings of other languages, as far as a build's language has to know them.
//!
//! Everything here is a function of strings: of [`paths`] and the patterns that match them ([`glob`], [`pattern`]), of scripts
//! for a [`shell`], of [`yaml`]. [`visible`] makes what others wrote safe to show, and [`suggestion`] says which word was meant.
#![forbid(unsafe_code)]

pub mod glob;
pub mod paths;
pub mod pattern;
pub mod shell;
pub mod suggestion;
pub mod visible;
pub mod yaml;
