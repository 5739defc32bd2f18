//! Remote sources, and the steps that fetch them.

use buildkit_llb::Checksum;

use super::Owner;

/// A Git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitSource {
    /// The URL as written, without query and fragment.
    pub url: String,
    /// The branch, tag or commit; `None` for the default branch.
    pub reference: Option<String>,
    /// The directory that is used, without surrounding slashes; `None` for the whole repository.
    pub subdir: Option<String>,
    /// The expected commit: its hash, or a prefix of it.
    pub checksum: Option<String>,
    /// Whether `.git` is included.
    pub keep_git: bool,
    /// Whether submodules are included.
    pub submodules: bool,
    /// The client's SSH agent; `None` for `default`.
    pub ssh: Option<String>,
    /// The accepted keys of its host.
    pub known_hosts: Option<String>,
}

impl GitSource {
    /// Returns the checksum if it is a full hash, which identifies the commit by itself.
    pub fn commit(&self) -> Option<&str> {
        self.checksum
            .as_deref()
            .filter(|checksum| matches!(checksum.len(), 40 | 64))
    }
}

/// A file on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpSource {
    /// The URL, HTTP or HTTPS.
    pub url: String,
    /// The expected checksum.
    pub checksum: Option<Checksum>,
    /// The file name.
    pub filename: String,
    /// Whether it is an archive whose content is used.
    pub unpack: bool,
}

/// A step that downloads a file.
#[derive(Debug)]
pub struct Fetch {
    /// The file.
    pub source: HttpSource,
    /// The destination; a relative path is resolved against the workdir. `None` for the workdir.
    pub to: Option<String>,
    /// The owner.
    pub owner: Option<Owner>,
    /// The mode.
    pub mode: u32,
}

/// A step that checks out a repository.
#[derive(Debug)]
pub struct Git {
    /// The repository.
    pub source: GitSource,
    /// The destination directory; a relative path is resolved against the workdir. `None` for the
    /// workdir.
    pub to: Option<String>,
}
