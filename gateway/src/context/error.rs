//! What can be wrong with build contexts.

use buildkit_llb::{
    DefinitionError, GitError, HttpError, OciLayoutError, ReadError, ReferenceError,
};

use super::git_reference::GitReferenceError;
use crate::error::Error;
use crate::failure::Failure;

/// Why a build context can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// The daemon couldn't get at it.
    #[error("{what}: {source}")]
    Load {
        /// What was being done.
        what: String,
        /// Why it failed.
        source: Error,
    },
    /// A URL of git contradicts itself.
    #[error(transparent)]
    GitReference(#[from] GitReferenceError),
    /// A URL of git names no repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A URL names no file on a server.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// An image's name isn't one.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// An OCI layout's name isn't one.
    #[error(transparent)]
    OciLayout(#[from] OciLayoutError),
    /// An OCI layout is named without the digest of what is meant in it.
    #[error("context `{name}`: `{value}` has no digest")]
    NoDigest {
        /// The context.
        name: String,
        /// What it stands for.
        value: String,
    },
    /// What should be an OCI layout is something else.
    #[error("context `{name}` is no OCI layout, but `{value}`")]
    NoLayout {
        /// The context.
        name: String,
        /// What it stands for.
        value: String,
    },
    /// The client names an input and doesn't give it.
    #[error("context `{name}`: there is no input `{input}`")]
    NoInput {
        /// The context.
        name: String,
        /// The input.
        input: String,
    },
    /// The input that has the frontend's file is nothing. Over the wire, Go's `nil` and a graph without operations are the
    /// same; the words for it are Go's.
    #[error("invalid nil input definition to definition op: input `{input}` has no files")]
    EmptyInput {
        /// The input.
        input: String,
    },
    /// An input of the client isn't a graph.
    #[error("input `{input}`: {source}")]
    InputDefinition {
        /// The input.
        input: String,
        /// What is wrong with it.
        source: DefinitionError,
    },
    /// An input of the client is a graph that makes no sense.
    #[error("input `{input}`: {source}")]
    InputGraph {
        /// The input.
        input: String,
        /// What is wrong with it.
        source: ReadError,
    },
    /// What the client says about an input, or an image's configuration, can't be read.
    #[error("context `{name}`: {reason}")]
    Metadata {
        /// The context or input.
        name: String,
        /// Why.
        reason: String,
    },
    /// A named context stands for nothing that there is.
    #[error("context `{name}` can't be `{value}`")]
    UnknownKind {
        /// The context.
        name: String,
        /// What it should stand for.
        value: String,
    },
    /// An ignore file has more patterns than a client can be told of.
    #[error(
        "`{file}` has {count} patterns, which together are more than the 1 MiB that a request to the client holds; exclude \
         directories instead of their files"
    )]
    TooManyPatterns {
        /// The ignore file.
        file: String,
        /// How many it has.
        count: usize,
    },
    /// Source policies replace a source again and again.
    #[error("context `{name}`: source policies replace it without end; the last was `{value}`")]
    Cycle {
        /// The context.
        name: String,
        /// What it last stood for.
        value: String,
    },
}

impl ContextError {
    pub(super) fn load(what: impl Into<String>) -> impl FnOnce(Error) -> Self {
        let what = what.into();
        move |source| Self::Load { what, source }
    }

    /// Tells whether a file isn't there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Load { source, .. } if source.is_not_found())
    }
}

impl From<ContextError> for Failure {
    fn from(error: ContextError) -> Self {
        match error {
            // The daemon's details are worth keeping.
            ContextError::Load { what, source } => Self::from(source).context(what),
            other => Self::new(other.to_string()),
        }
    }
}
