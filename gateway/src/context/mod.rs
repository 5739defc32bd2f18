//! Build contexts, in the form in which clients provide them.
//!
//! [`Contexts`] finds the frontend's own file, the main context and the named contexts, whether they
//! are directories of the client, repositories, archives on a server or results of other builds. It
//! creates the same sources as Docker's own frontend (`frontend/dockerui`), with the same names and
//! hints, so that transfers are shared and progress looks the same.

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
