//! Git repositories as sources that the daemon fetches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository that a [`WebServer`](crate::WebServer) serves, with the branch `main` checked out.
#[derive(Debug)]
pub struct Repository {
    folder: PathBuf,
    url: String,
}

impl Repository {
    #[track_caller]
    pub(crate) fn create(folder: &Path, url: String) -> Self {
        fs::create_dir_all(folder).expect("a folder for a repository can be made");
        let repository = Self {
            folder: folder.to_owned(),
            url,
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        // The usual repository hosts allow this.
        repository.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        repository
    }

    /// Returns the URL to fetch from.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Writes a file of the work tree.
    #[track_caller]
    pub fn write(&self, path: &str, content: &str) {
        let file = self.folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).expect("a folder of the repository can be made");
        }
        fs::write(file, content).expect("a file of the repository can be written");
    }

    /// Commits all files, and returns the commit's hash.
    #[track_caller]
    pub fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=a commit"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Tags the last commit.
    #[track_caller]
    pub fn tag(&self, name: &str) {
        self.git(&["tag", name]);
    }

    /// Adds another repository as a submodule.
    #[track_caller]
    pub fn add_submodule(&self, other: &Repository, path: &str) {
        self.git(&["submodule", "--quiet", "add", other.url(), path]);
    }

    /// Runs Git in the work tree, and returns its output. The user's configuration has no effect.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .current_dir(&self.folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_DATE", "1000000000 +0000")
            .env("GIT_COMMITTER_DATE", "1000000000 +0000")
            .output()
            .expect("git can be started");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}
