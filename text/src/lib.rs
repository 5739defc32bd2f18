//! String formats that a build language has to handle.
//!
//! Everything here is a function of strings: [`paths`] and the patterns that match them ([`glob`], [`pattern`]), scripts for a
//! [`shell`], and [`yaml`]. [`visible`] makes untrusted text safe to print, and [`suggestion`] guesses which word was meant.
#![forbid(unsafe_code)]

pub mod glob;
pub mod paths;
pub mod pattern;
pub mod shell;
pub mod suggestion;
pub mod visible;
pub mod yaml;
