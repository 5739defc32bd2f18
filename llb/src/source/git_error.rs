//! Why a repository can't be checked out.

use thiserror::Error;

/// Says why a repository can't be checked out.
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
    /// The URL is malformed: its host is missing or has odd characters, or a `%` escape is broken.
    #[error("`{url}` is no valid URL of a Git remote")]
    Url {
        /// The URL.
        url: String,
    },
    /// The checksum of a commit is not hexadecimal, or not the commit that the reference is.
    #[error("invalid checksum `{checksum}` for Git: expected hex commit hash, or its first digits")]
    Checksum {
        /// The checksum.
        checksum: String,
    },
    /// What is fetched by a commit needs a whole one, as reference or as checksum.
    #[error("fetching by commit needs a whole commit as the reference or the checksum")]
    FetchByCommit,
    /// The reference begins with a dash, which Git would take for an option.
    #[error("the Git reference `{reference}` must not begin with `-`")]
    Reference {
        /// The reference.
        reference: String,
    },
    /// A bundle is imported without saying which commit to take from it.
    #[error("importing a Git bundle needs the checksum of a commit in it")]
    BundleWithoutChecksum,
    /// The bundle is not named by the scheme of a blob.
    #[error("`{locator}` is no Git bundle: expected docker-image+blob:// or oci-layout+blob://")]
    BundleLocator {
        /// What should have named the bundle.
        locator: String,
    },
    /// A bundle is asked for, which holds neither a `.git` directory nor a subdirectory.
    #[error("a checkout as a bundle can't keep the .git directory, nor take a subdirectory")]
    CheckoutBundle,
}
