//! What `ADD` takes from the network.

use std::collections::BTreeMap;

use buildkit_llb::Checksum;

use crate::lines::Lines;

/// What an `ADD` takes from the network by a name that may mean another thing tomorrow: the instruction has no checksum.
#[derive(Clone, Debug)]
pub struct Download {
    /// What it is.
    pub name: DownloadName,
    /// The instruction.
    pub lines: Lines,
}

/// What a download is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DownloadName {
    /// A repository.
    Git {
        /// Its URL.
        remote: String,
        /// The branch, tag or commit; the repository's own choice if absent.
        git_ref: Option<String>,
    },
    /// A file on a server, by its URL.
    Http(String),
}

/// What downloads have to be that their instructions say nothing about.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// The commits of what is checked out of repositories.
    pub commits: BTreeMap<DownloadName, String>,
    /// The digests of files.
    pub checksums: BTreeMap<DownloadName, Checksum>,
}
