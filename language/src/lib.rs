//! The Stagefile language, from the text of a file to the [`plan`] of a build.
//!
//! Data flows in one direction, and each phase is a pure function of its input:
//!
//! 1. [`syntax`] parses the bytes of a file into a typed [`syntax::File`]; all mistakes are found, none is fatal.
//! 2. [`program`] combines a file with its imports.
//! 3. [`plan`] evaluates [`expression`]s, resolves names and checks values: a [`plan::Plan`] describes what will be built.
//!
//! [`driver`] does all of this for a file. Mistakes become [`diagnostic::Diagnostic`]s; their messages are in [`diagnostics`].
//! Nothing here reads files, talks to a daemon or creates a graph.
#![forbid(unsafe_code)]

pub mod bounds;
pub mod budget;
pub mod diagnostic;
pub mod diagnostics;
pub mod driver;
pub mod expression;
mod habits;
pub mod layout;
pub mod lock;
pub mod plan;
pub mod planner;
mod policy;
pub mod program;
pub mod source;
pub mod syntax;
pub mod value;
