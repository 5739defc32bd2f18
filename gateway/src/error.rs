//! What can go wrong between a frontend and the daemon.

use std::io;
use std::time::Duration;

use crate::capability::UnsupportedCapability;
use crate::failure::{Code, Failure};
use crate::options::InvalidOptions;

/// Why something that was asked of the daemon wasn't done.
///
/// A frontend that can't help itself hands any of these to the user by
/// [`Client::return_failure`](crate::Client::return_failure), since every one turns into a [`Failure`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The daemon answered with an error: mostly a build that failed.
    #[error(transparent)]
    Daemon(Box<Failure>),
    /// The daemon is gone, or never spoke gRPC. Usually the build was given up.
    #[error("the connection to buildkitd is lost: {reason}")]
    Disconnected {
        /// What the connection said last.
        reason: String,
    },
    /// Nothing that speaks BuildKit's protocol answered after connecting. Usually the other end
    /// is something else, or the daemon is stopped or overloaded.
    #[error("no BuildKit daemon answered within {limit:?} of connecting")]
    NoAnswer {
        /// How long it was waited for.
        limit: Duration,
    },
    /// The daemon took longer than it was given.
    #[error("buildkitd did not answer `{call}` within {limit:?}")]
    Deadline {
        /// The call that had no answer.
        call: &'static str,
        /// How long it was waited for.
        limit: Duration,
    },
    /// A request has more bytes than a message may have. Usually file contents are written into
    /// a graph that should come from the build context.
    #[error("a `{call}` request of {size} bytes is more than the 16 MiB that BuildKit takes")]
    RequestTooLarge {
        /// The call that wasn't made.
        call: &'static str,
        /// Bytes of the request.
        size: usize,
    },
    /// A file has more bytes than the caller wants.
    #[error("file `{path}` is larger than {limit} bytes")]
    FileTooLarge {
        /// The file.
        path: String,
        /// Bytes that it may have.
        limit: u64,
    },
    /// A directory is where a file was to be read.
    #[error("`{path}` is a directory, not a file")]
    IsDirectory {
        /// Where the file was looked for.
        path: String,
    },
    /// The daemon can't do what was asked, because it is too old or has it switched off.
    #[error(transparent)]
    Unsupported(#[from] UnsupportedCapability),
    /// A graph needs what the daemon can't do, because it is too old or has it switched off.
    #[error(transparent)]
    UnsupportedOperation(#[from] buildkit_llb::UnsupportedCapability),
    /// The daemon's answer lacks what this call needs; a bug on one of the two sides.
    #[error("buildkitd answered `{call}` without {missing}")]
    Incomplete {
        /// The call.
        call: &'static str,
        /// What the answer lacks.
        missing: &'static str,
    },
    /// Standard input or output isn't a pipe. Usually a person has started the frontend by hand.
    #[error("standard {stream} is no pipe to buildkitd, which starts this program: {source}")]
    NotStartedByBuildkit {
        /// `input` or `output`.
        stream: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// The client sent options that make no sense.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
}

impl Error {
    /// Gives what the daemon said, if it said something.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Daemon(failure) => Some(failure),
            _ => None,
        }
    }

    /// Tells whether the daemon said that a file or directory isn't there.
    pub fn is_not_found(&self) -> bool {
        self.failure().is_some_and(Failure::is_not_found)
    }
}

impl From<Error> for Failure {
    /// Hands on what the daemon sent, and puts what went wrong on this side in words.
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
