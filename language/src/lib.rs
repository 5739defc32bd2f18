//! The language of Stagefiles, from the text of a file to the [`plan`] of a build.
//!
//! Data goes one way, and each stage is a pure function of its input:
//!
//! 1. [`syntax`] reads the bytes of a file into a typed [`syntax::File`]; all mistakes are found, none is fatal.
//! 2. [`program`] puts a file and those that it imports together.
//! 3. [`plan`] evaluates [`expression`]s, resolves names and checks values: a [`plan::Plan`] says what will be built.
//!
//! [`driver`] does all of it for a file. What is wrong becomes [`diagnostic::Diagnostic`]s; their messages are in [`diagnostics`].
//! Nothing here reads a file, asks a daemon or makes a graph.
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
