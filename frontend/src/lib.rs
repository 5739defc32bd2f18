//! Stagefile: a language for image builds, compiled to BuildKit's LLB.
//!
//! Data goes one way, and each stage is a pure function of its input:
//!
//! 1. [`syntax`] reads the bytes of a file into a typed [`syntax::File`]; all mistakes are found, none is fatal.
//! 2. [`plan`] evaluates expressions, resolves names and checks values: a [`plan::Plan`] says what will be built.
//! 3. [`lower`] turns the plan into LLB and an image config.
//!
//! [`frontend`] does this for a build request of BuildKit, [`cli`] for a person with a file. Inside a build, [`runner`] starts
//! what a step runs, and gets the reports of one that failed out.
#![forbid(unsafe_code)]

pub mod bounds;
pub mod budget;
pub mod cli;
pub mod context;
pub mod convert;
pub mod diagnostic;
pub mod diagnostics;
pub mod dockerfile;
pub mod error;
pub mod expression;
pub mod frontend;
mod glob;
mod habits;
pub mod lower;
mod paths;
pub mod plan;
pub mod program;
pub mod runner;
mod shell;
pub mod source;
mod suggestion;
pub mod syntax;
pub mod tools;
pub mod visible;
mod yaml;
