//! Build contexts: what the client gives to a build, in the form that every client expects.
//!
//! [`Contexts`] finds the frontend's own file, the main context and the named ones, whether they are
//! directories of the client, repositories, archives on a server or results of other builds. It makes
//! the same sources as Docker's own frontend (`frontend/dockerui`), down to their names and hints, so
//! that transfers are shared and displays look the same.

mod archive;
mod checkout;
mod contexts;
mod dockerfile;
mod entrypoint;
mod epoch;
mod error;
mod files;
mod forward;
mod git_reference;
mod ignore_file;
mod line;
mod listing;
mod named;
mod newest;

pub use contexts::Contexts;
pub use dockerfile::DockerfileBuild;
pub use entrypoint::Entrypoint;
pub use error::ContextError;
pub use files::ContextFiles;
pub use forward::Forward;
pub use git_reference::{GitReference, GitReferenceError};
pub use line::Line;
pub use named::NamedContext;
