//! A harness for tests that build Stagefiles on a real BuildKit.
//!
//! ```no_run
//! use stagefile_tests::Project;
//!
//! let project = Project::new(
//!     "
//! stages:
//!   hello:
//!     from: busybox:1.35
//!     steps:
//!       - run: echo @TOKEN@ > /greeting
//! ",
//! );
//! let files = project.build().files();
//! assert_eq!(files.text("greeting").trim(), project.token());
//! ```
//!
//! - [`Project`] is a directory with a Stagefile and its build context
//! - [`Build`] is a `docker buildx build` of it, with options
//! - [`Outcome`] is its output, [`Files`] and [`Image`] are its results
//! - [`WebServer`] serves files and Git repositories that the daemon fetches
//! - [`Docker`] runs the client, each call with a time limit
//!
//! The tests in `e2e/` need a daemon with the frontend's image and the base images; `scripts/test e2e` provides them.
//! They use the daemon's own builder, or the one in `STAGEFILE_BUILDER`; then images go through the registry in
//! `STAGEFILE_REGISTRY`, and `STAGEFILE_IMAGE` is the frontend's image there.
#![expect(
    clippy::missing_panics_doc,
    reason = "a harness tells that something is wrong by panicking"
)]

mod build;
mod builder;
mod docker;
mod files;
mod git;
mod http;
mod image;
mod outcome;
mod project;
mod ssh_agent;
mod token;
mod web_server;

pub use build::Build;
pub use docker::{Docker, Finished};
pub use files::{Entry, Files};
pub use git::Repository;
pub use http::{free_port, http_get};
pub use image::{Container, Image, frontend};
pub use outcome::{Outcome, Step};
pub use project::{Project, repository};
pub use ssh_agent::SshAgent;
pub use token::token;
pub use web_server::WebServer;
