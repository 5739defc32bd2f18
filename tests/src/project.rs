//! A directory with a Stagefile and its build context.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::build::Build;
use crate::docker::Docker;
use crate::image::frontend;
use crate::token::token;

/// A directory with a Stagefile and its build context, which is removed at the end of the test.
#[derive(Debug)]
pub struct Project {
    directory: TempDir,
    token: String,
    docker: Docker,
}

impl Project {
    /// Creates a directory with a Stagefile that has these lines after its `# syntax=` line.
    ///
    /// The text should begin with a line break, so that the line after it is line 2. `@TOKEN@` is
    /// replaced by [`Project::token`], here and in the other files.
    #[must_use]
    #[track_caller]
    pub fn new(stagefile: &str) -> Self {
        let docker = Docker::connect();
        let directory = tempfile::tempdir().expect("a temporary folder can be made");
        let project = Self {
            directory,
            token: token(),
            docker,
        };
        project.write_stagefile(stagefile);
        project
    }

    /// Adds a file to the build context.
    #[must_use]
    #[track_caller]
    pub fn with_file(self, path: &str, content: &str) -> Self {
        self.write(path, content);
        self
    }

    /// Writes a file of the build context, like a user between two builds.
    #[track_caller]
    pub fn write(&self, path: &str, content: &str) {
        let file = self.path().join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).expect("a folder of the project can be made");
        }
        fs::write(file, content.replace("@TOKEN@", &self.token))
            .expect("a file of the project can be written");
    }

    /// Replaces the Stagefile.
    #[track_caller]
    pub fn write_stagefile(&self, stagefile: &str) {
        let lines = stagefile.strip_prefix('\n').unwrap_or(stagefile);
        self.write("Stagefile", &format!("# syntax={}\n{lines}", frontend()));
    }

    /// Returns a word that only this project uses.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Begins a build.
    pub fn build(&self) -> Build {
        Build::new(self.docker, self.path())
    }
}

/// Returns the root of the repository, whose examples are built unchanged.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
