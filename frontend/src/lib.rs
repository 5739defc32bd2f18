//! Stagefile: a language for image builds, compiled to BuildKit's LLB.
//!
//! [`stagefile_language`] makes a plan of a file, and [`stagefile_lower`] makes LLB and an image config of the plan. Here is
//! what surrounds them: [`session`] compiles for a build request of BuildKit, [`cli`] for a person with a file, [`tools`]
//! answer questions about a file, [`dockerfile`] does all of this for Dockerfiles, and [`mod@convert`] makes Stagefiles of them.
//! Inside a build, [`stagefile_runner`] starts what a step runs.
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
