//! Errors between a frontend and the daemon.

use std::io;
use std::time::Duration;

use crate::capability::UnsupportedCapability;
use crate::failure::{Code, Failure};
use crate::options::InvalidOptions;

/// The reason why a request to the daemon failed.
///
/// A frontend that can't handle an error returns it to the user with
/// [`Client::return_failure`](crate::Client::return_failure), since every error converts to a
/// [`Failure`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The daemon answered with an error, usually because a build failed.
    #[error(transparent)]
    Daemon(Box<Failure>),
    /// The daemon is gone, or never spoke gRPC. Usually the build was cancelled.
    #[error("the connection to buildkitd is lost: {reason}")]
    Disconnected {
        /// The last error of the connection.
        reason: String,
    },
    /// Nothing that speaks BuildKit's protocol answered after connecting. Usually the other end is
    /// something else, or the daemon is stopped or overloaded.
    #[error("no BuildKit daemon answered within {limit:?} of connecting")]
    NoAnswer {
        /// The time limit.
        limit: Duration,
    },
    /// The daemon exceeded the time limit of a call.
    #[error("buildkitd did not answer `{call}` within {limit:?}")]
    Deadline {
        /// The call that got no answer.
        call: &'static str,
        /// The time limit.
        limit: Duration,
    },
    /// A request is larger than the maximum size of a message. Usually the graph contains the
    /// content of files that should come from the build context.
    #[error("a `{call}` request of {size} bytes is more than the 16 MiB that BuildKit takes")]
    RequestTooLarge {
        /// The call that wasn't made.
        call: &'static str,
        /// The size of the request in bytes.
        size: usize,
    },
    /// A file is larger than the caller's limit.
    #[error("file `{path}` is larger than {limit} bytes")]
    FileTooLarge {
        /// The file.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The path of a file to read is a directory.
    #[error("`{path}` is a directory, not a file")]
    IsDirectory {
        /// The path.
        path: String,
    },
    /// The daemon doesn't support the request, because it is too old or has the feature disabled.
    #[error(transparent)]
    Unsupported(#[from] UnsupportedCapability),
    /// The daemon doesn't support an operation of a graph, because it is too old or has the feature
    /// disabled.
    #[error(transparent)]
    UnsupportedOperation(#[from] buildkit_llb::UnsupportedCapability),
    /// The daemon's answer lacks something that this call needs: a bug on one of the two sides.
    #[error("buildkitd answered `{call}` without {missing}")]
    Incomplete {
        /// The call.
        call: &'static str,
        /// The missing part of the answer.
        missing: &'static str,
    },
    /// Standard input or output isn't a pipe. Usually a person has started the frontend by hand.
    #[error("standard {stream} is no pipe to buildkitd, which starts this program: {source}")]
    NotStartedByBuildkit {
        /// `input` or `output`.
        stream: &'static str,
        /// The operating system's error.
        source: io::Error,
    },
    /// The client sent invalid options.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
}

impl Error {
    /// Returns the daemon's error, if it answered with one.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Daemon(failure) => Some(failure),
            _ => None,
        }
    }

    /// Reports whether the daemon's error is that a file or directory doesn't exist.
    pub fn is_not_found(&self) -> bool {
        self.failure().is_some_and(Failure::is_not_found)
    }
}

impl From<Error> for Failure {
    /// Passes on the daemon's error, and converts errors of this side to messages.
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Daemon(failure) => return *failure,
            Error::Deadline { .. } | Error::NoAnswer { .. } => Code::DeadlineExceeded,
            Error::Unsupported(_) | Error::UnsupportedOperation(_) => Code::Unimplemented,
            _ => Code::Unknown,
        };
        Self::new(error.to_string()).with_code(code)
    }
}

impl From<InvalidOptions> for Failure {
    fn from(error: InvalidOptions) -> Self {
        Error::from(error).into()
    }
}
