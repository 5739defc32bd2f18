//! What is taken from the network, and the steps that do it.

use buildkit_llb::Checksum;

use super::Owner;

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitSource {
    /// Its URL as it is written, without query and fragment.
    pub url: String,
    /// The branch, tag or commit that is written; `None`: the default branch.
    pub reference: Option<String>,
    /// The directory that is taken, without slashes around it; `None`: all.
    pub subdir: Option<String>,
    /// The commit that it has to be: its hash, or how that begins.
    pub checksum: Option<String>,
    /// Whether `.git` comes too.
    pub keep_git: bool,
    /// Whether submodules come too.
    pub submodules: bool,
    /// The client's SSH agent; `None`: `default`.
    pub ssh: Option<String>,
    /// The keys that its host must have.
    pub known_hosts: Option<String>,
}

impl GitSource {
    /// Returns the checksum if it is a whole hash, which names the commit by itself.
    pub fn commit(&self) -> Option<&str> {
        self.checksum
            .as_deref()
            .filter(|checksum| matches!(checksum.len(), 40 | 64))
    }
}

/// A file on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSource {
    /// Its URL, of HTTP or HTTPS.
    pub url: String,
    /// What it has to be.
    pub checksum: Option<Checksum>,
    /// What it is called.
    pub filename: String,
    /// Whether it is an archive whose content is meant.
    pub unpack: bool,
}

/// Downloads a file.
#[derive(Debug)]
pub struct Fetch {
    /// The file.
    pub source: HttpSource,
    /// To where; a relative path starts at the workdir. `None`: there.
    pub to: Option<String>,
    /// Whose it is.
    pub owner: Option<Owner>,
    /// Its mode.
    pub mode: u32,
}

/// Takes the files of a repository.
#[derive(Debug)]
pub struct Git {
    /// The repository.
    pub source: GitSource,
    /// The directory that they go into; a relative path starts at the workdir. `None`: there.
    pub to: Option<String>,
}
