//! Git repositories as contexts.

use buildkit_llb::{Constrain, Copy, FileAction, Git, GitMtime, State};

use super::error::ContextError;
use super::git_reference::GitReference;

/// The `mtime` value that gives a repository's files the time of the commit.
pub(super) const COMMIT: &str = "commit";

/// The files of a repository.
pub(super) struct Checkout {
    /// The repository.
    pub(super) source: State,
    /// The requested files.
    pub(super) files: State,
}

impl Checkout {
    /// Creates the checkout of a repository. The daemon can't determine the time of a commit in a partial checkout
    /// (`failed to get commit time`), so if files are to have that time, the part is copied from a full checkout.
    pub(super) fn new(reference: &GitReference, name: &str) -> Result<Self, ContextError> {
        let has_commit_times = reference.mtime.as_deref() == Some(COMMIT);
        let (narrow, copied) = match &reference.subdir {
            Some(subdir) if has_commit_times => (None, Some(subdir)),
            subdir => (subdir.as_ref(), None),
        };
        let git = git(reference, narrow.map(String::as_str));
        let source = git.named(name).into_state()?;
        let files = match copied {
            None => source.clone(),
            Some(subdir) => {
                let copy = FileAction::from(Copy::new(&source, subdir, "/").contents());
                State::scratch().file(copy.named(format!("{name}: {subdir}")))
            }
        };
        Ok(Self { source, files })
    }
}

/// Creates a source for a repository, or for a directory of it.
fn git(reference: &GitReference, subdir: Option<&str>) -> Git {
    let mut git = Git::new(&reference.remote);
    if let Some(git_ref) = &reference.git_ref {
        git = git.reference(git_ref);
    }
    if let Some(subdir) = subdir {
        git = git.subdir(subdir);
    }
    if let Some(checksum) = &reference.checksum {
        git = git.checksum(checksum);
    }
    if reference.keep_git_dir == Some(true) {
        git = git.keep_git_dir();
    }
    if reference.submodules == Some(false) {
        git = git.skip_submodules();
    }
    match reference.mtime.as_deref() {
        Some(COMMIT) => git = git.mtime(GitMtime::Commit),
        Some(_) => git = git.mtime(GitMtime::Checkout),
        None => {}
    }
    if reference.fetch_by_commit {
        git = git.fetch_by_commit();
    }
    git
}
