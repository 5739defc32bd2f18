//! Downloads of `ADD`.

use std::collections::BTreeMap;

use buildkit_llb::Checksum;

use crate::lines::Lines;

/// A download of an `ADD` instruction without a checksum, whose content may change.
#[derive(Clone, Debug)]
pub struct Download {
    /// What is downloaded.
    pub name: DownloadName,
    /// The lines of the instruction.
    pub lines: Lines,
}

/// The name of a download.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DownloadName {
    /// A Git repository.
    Git {
        /// Its URL.
        remote: String,
        /// The branch, tag or commit; the repository's default branch if `None`.
        git_ref: Option<String>,
    },
    /// A file on a server, by its URL.
    Http(String),
}

/// The expected content of downloads whose instructions have no checksum.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// The commits of Git repositories.
    pub commits: BTreeMap<DownloadName, String>,
    /// The digests of files.
    pub checksums: BTreeMap<DownloadName, Checksum>,
}
