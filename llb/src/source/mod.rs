//! Sources of files: registries, repositories, servers, the client.

mod any;
mod blob;
mod git;
mod git_error;
mod git_remote;
mod http;
mod image;
mod json_array;
mod local;
mod oci_layout;
mod operation;

pub use any::AnySource;
pub use blob::{Blob, BlobError};
pub use git::{Git, GitMtime};
pub(crate) use git::{is_commit, is_whole_commit};
pub use git_error::GitError;
pub use git_remote::GitRemote;
pub(crate) use http::is_http_url;
pub use http::{Http, HttpError};
pub use image::{Image, RecordType, ResolveMode};
pub use local::{Differ, Local};
pub use oci_layout::{OciLayout, OciLayoutError};
pub(crate) use operation::SourceOperation;
