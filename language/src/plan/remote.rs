//! Steps that take files from the network.

use buildkit_llb::Checksum;

use super::Owner;

/// Downloads a file.
#[derive(Debug)]
pub struct Fetch {
    /// From where: an HTTP URL.
    pub url: String,
    /// What the file is called where nothing else is said; empty for an archive that is unpacked.
    pub name: String,
    /// To where; a relative path starts at the workdir. `None`: there.
    pub to: Option<String>,
    /// What it must be.
    pub checksum: Option<Checksum>,
    /// Whose it is.
    pub owner: Option<Owner>,
    /// Its mode.
    pub mode: u32,
    /// Whether it is an archive whose content is wanted.
    pub unpack: bool,
}

/// Takes the files of a repository.
#[derive(Debug)]
pub struct Git {
    /// The repository, as [`GitRemote`](buildkit_llb::GitRemote) takes it, without query and fragment.
    pub url: String,
    /// The branch, tag or commit; `None`: the default branch.
    pub reference: Option<String>,
    /// The directory that they go into; a relative path starts at the workdir. `None`: there.
    pub to: Option<String>,
    /// The directory that is taken, without slashes around it; `None`: all.
    pub subdir: Option<String>,
    /// The commit that it must be: its hash, or how that begins.
    pub checksum: Option<String>,
    /// Whether `.git` comes too.
    pub keep_git: bool,
    /// The SSH agent that it is reached with; `None`: the default one.
    pub ssh: Option<String>,
    /// The keys that its host must have.
    pub known_hosts: Option<String>,
    /// Whether submodules come too.
    pub submodules: bool,
}

impl Git {
    /// Returns the checksum if it is a whole hash, which names the commit by itself.
    pub fn commit(&self) -> Option<&str> {
        self.checksum
            .as_deref()
            .filter(|checksum| matches!(checksum.len(), 40 | 64))
    }
}
