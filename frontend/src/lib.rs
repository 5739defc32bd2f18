//! Stagefile: a language for image builds, compiled to BuildKit's LLB.
//!
//! [`stagefile_language`] makes a plan from a file, and [`stagefile_lower`] makes LLB and an image config from the
//! plan. This crate has the rest: [`session`] compiles for BuildKit's build requests, [`cli`] for users on the command
//! line, [`tools`] answer questions about a file, [`dockerfile`] does all of this for Dockerfiles, and [`mod@convert`]
//! turns them into Stagefiles. Inside a build, [`stagefile_runner`] starts the processes of steps.
#![forbid(unsafe_code)]

pub mod cli;
pub mod context;
pub mod convert;
pub mod dockerfile;
pub mod error;
#[cfg(feature = "lsp")]
pub mod lsp;
pub mod session;
pub mod tools;
