//! Errors of build contexts.

use buildkit_llb::{
    DefinitionError, GitError, HttpError, OciLayoutError, ReadError, ReferenceError,
};

use super::git_reference::GitReferenceError;
use crate::error::Error;
use crate::failure::Failure;

/// The reason why a build context can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// The daemon couldn't load it.
    #[error("{what}: {source}")]
    Load {
        /// What was being done.
        what: String,
        /// The reason for the failure.
        source: Error,
    },
    /// A Git URL contradicts itself.
    #[error(transparent)]
    GitReference(#[from] GitReferenceError),
    /// A Git URL is invalid.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A download URL is invalid.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An image reference is invalid.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// A reference to an OCI layout is invalid.
    #[error(transparent)]
    OciLayout(#[from] OciLayoutError),
    /// A reference to an OCI layout has no digest.
    #[error("context `{name}`: `{value}` has no digest")]
    NoDigest {
        /// The context.
        name: String,
        /// Its value.
        value: String,
    },
    /// A value that should be an OCI layout is something else.
    #[error("context `{name}` is no OCI layout, but `{value}`")]
    NoLayout {
        /// The context.
        name: String,
        /// Its value.
        value: String,
    },
    /// The client refers to an input but doesn't provide it.
    #[error("context `{name}`: there is no input `{input}`")]
    NoInput {
        /// The context.
        name: String,
        /// The input.
        input: String,
    },
    /// The input with the frontend's file is empty. On the wire, Go's `nil` and a graph without
    /// operations are the same; the message is Go's.
    #[error("invalid nil input definition to definition op: input `{input}` has no files")]
    EmptyInput {
        /// The input.
        input: String,
    },
    /// An input of the client isn't a definition.
    #[error("input `{input}`: {source}")]
    InputDefinition {
        /// The input.
        input: String,
        /// What is wrong with it.
        source: DefinitionError,
    },
    /// An input of the client isn't a valid graph.
    #[error("input `{input}`: {source}")]
    InputGraph {
        /// The input.
        input: String,
        /// What is wrong with it.
        source: ReadError,
    },
    /// The client's metadata about an input, or an image's configuration, can't be parsed.
    #[error("context `{name}`: {reason}")]
    Metadata {
        /// The context or input.
        name: String,
        /// The reason.
        reason: String,
    },
    /// The value of a named context is of an unknown kind.
    #[error("context `{name}` can't be `{value}`")]
    UnknownKind {
        /// The context.
        name: String,
        /// Its value.
        value: String,
    },
    /// An ignore file has more patterns than fit into a request to a client.
    #[error(
        "`{file}` has {count} patterns, which together are more than the 1 MiB that a request to the client holds; exclude \
         directories instead of their files"
    )]
    TooManyPatterns {
        /// The ignore file.
        file: String,
        /// The number of patterns.
        count: usize,
    },
    /// Source policies keep replacing a source.
    #[error("context `{name}`: source policies replace it without end; the last was `{value}`")]
    Cycle {
        /// The context.
        name: String,
        /// Its last value.
        value: String,
    },
}

impl ContextError {
    pub(super) fn load(what: impl Into<String>) -> impl FnOnce(Error) -> Self {
        let what = what.into();
        move |source| Self::Load { what, source }
    }

    /// Reports whether the error is that a file doesn't exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Load { source, .. } if source.is_not_found())
    }
}

impl From<ContextError> for Failure {
    fn from(error: ContextError) -> Self {
        match error {
            // Keeps the daemon's details.
            ContextError::Load { what, source } => Self::from(source).context(what),
            other => Self::new(other.to_string()),
        }
    }
}
