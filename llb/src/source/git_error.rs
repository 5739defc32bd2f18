//! Errors of Git sources.

use thiserror::Error;

/// The reason why a repository can't be checked out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GitError {
    /// The URL has a scheme that Git sources do not support.
    #[error(
        "`{url}` is no Git remote: supported are http, https, ssh and git URLs, and user@host:path"
    )]
    Scheme {
        /// The URL.
        url: String,
    },
    /// The URL is malformed: its host is missing or has invalid characters, or a `%` escape is
    /// invalid.
    #[error("`{url}` is no valid URL of a Git remote")]
    Url {
        /// The URL.
        url: String,
    },
    /// The checksum of a commit is not hexadecimal, or differs from the commit given as the
    /// reference.
    #[error("invalid checksum `{checksum}` for Git: expected hex commit hash, or its first digits")]
    Checksum {
        /// The checksum.
        checksum: String,
    },
    /// Fetching by commit needs a full commit hash, as the reference or as the checksum.
    #[error("fetching by commit needs a whole commit as the reference or the checksum")]
    FetchByCommit,
    /// The reference begins with a dash, so Git would take it for an option.
    #[error("the Git reference `{reference}` must not begin with `-`")]
    Reference {
        /// The reference.
        reference: String,
    },
    /// A bundle is given without a checksum that says which commit to take from it.
    #[error("importing a Git bundle needs the checksum of a commit in it")]
    BundleWithoutChecksum,
    /// The bundle is not given by a blob scheme.
    #[error("`{locator}` is no Git bundle: expected docker-image+blob:// or oci-layout+blob://")]
    BundleLocator {
        /// The bundle's locator.
        locator: String,
    },
    /// The checkout of a bundle is combined with a `.git` directory or a subdirectory, which a
    /// bundle doesn't have.
    #[error("a checkout as a bundle can't keep the .git directory, nor take a subdirectory")]
    CheckoutBundle,
}
