//! Steps: an action with everything decided.

use std::sync::Arc;
use std::time::Duration;

use stagefile_runner::Supervision;
use stagefile_text::glob;

use super::{Command, Device, Fetch, Git, Owner, Settings, Source};
use crate::source::{Span, Spanned};

/// The ID of a step in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepId(pub(crate) usize);

/// A step.
#[derive(Debug)]
pub struct Step {
    /// The ID, unique in the plan.
    pub id: StepId,
    /// The location of the whole step.
    pub span: Span,
    /// The uses of its template, the outermost first.
    pub uses: Vec<Span>,
    /// The name of its template in the stage; the outermost of several.
    pub template: Option<Arc<str>>,
    /// The name in progress output.
    pub name: Option<String>,
    /// The action.
    pub action: Action,
}

/// The action of a step.
#[derive(Debug)]
pub enum Action {
    /// Runs a program.
    Run(Box<Run>),
    /// Copies files.
    Copy(Box<Copy>),
    /// Writes a file.
    Write(Write),
    /// Creates directories.
    Mkdir(Mkdir),
    /// Removes files.
    Remove(Remove),
    /// Creates a symbolic link.
    Symlink(Symlink),
    /// Runs branches of steps in parallel.
    Parallel(Vec<Vec<Step>>),
    /// Downloads a file.
    Fetch(Box<Fetch>),
    /// Checks out a repository.
    Git(Box<Git>),
}

/// The path of the stage's files in a script that runs in another image.
pub const IMAGE: &str = "/image";

/// A step that runs a program.
#[derive(Clone, Debug)]
pub struct Run {
    /// The location of the program.
    pub span: Span,
    /// The number of the script in its stage, from 0.
    pub number: usize,
    /// The program.
    pub command: Command,
    /// The stage or image that it runs in; its own stage's files are then at [`IMAGE`].
    pub within: Option<Spanned<Source>>,
    /// Whether its changes are part of the stage; otherwise it is a check.
    pub keep: bool,
    /// The settings, including everything that it inherits; its binds are mounts.
    pub settings: Settings,
    /// Mounts in memory (tmpfs).
    pub tmpfs: Vec<Tmpfs>,
    /// Directories that it writes as separate results; a relative path is resolved against the
    /// workdir.
    pub outputs: Vec<Spanned<String>>,
    /// The host name.
    pub hostname: Option<String>,
    /// The location that makes it run without a sandbox.
    pub privileged: Option<Span>,
    /// The devices.
    pub devices: Vec<Device>,
    /// The parent of its control group.
    pub cgroup_parent: Option<Spanned<String>>,
    /// Whether it is never taken from the cache.
    pub always: bool,
    /// The interval after which it runs again.
    pub every: Option<Duration>,
    /// The exit codes that count as success, the time limit, and retries.
    pub supervision: Supervision,
}

/// A mount in memory (tmpfs).
#[derive(Clone, Debug)]
pub struct Tmpfs {
    /// The location of its definition.
    pub span: Span,
    /// The path.
    pub target: String,
    /// The maximum size in bytes; 0 for no limit.
    pub size: u64,
}

/// A step that copies files.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own that the user switches on"
)]
pub struct Copy {
    /// The source.
    pub source: Spanned<Source>,
    /// The paths; a trailing `/` means the content of a directory.
    pub paths: Vec<Spanned<String>>,
    /// Whether the paths may be patterns.
    pub glob: bool,
    /// The destination; a relative path is resolved against the workdir. `None` for the workdir.
    pub to: Option<String>,
    /// Patterns of the files in a directory that are copied; empty for all.
    pub include: Vec<String>,
    /// Patterns of the files that aren't.
    pub exclude: Vec<String>,
    /// Whether paths keep their parent directories.
    pub parents: bool,
    /// The owner of the copies.
    pub owner: Option<Owner>,
    /// The mode of the copies.
    pub mode: Option<Mode>,
    /// Whether a link given as a path is followed.
    pub follow: bool,
    /// Whether a pattern may match nothing.
    pub optional: bool,
    /// Whether archives are unpacked.
    pub unpack: bool,
    /// The timestamps of the copies; `None` for what later steps need.
    pub times: Option<Times>,
}

impl Copy {
    /// Reports whether the files are copied into a directory; otherwise a single file is copied
    /// under a new name.
    pub fn goes_into_a_directory(&self) -> bool {
        self.to.as_deref().is_none_or(is_directory)
            || self.paths.len() > 1
            || self.parents
            || self.unpack
    }

    /// Reports whether the only match of a pattern is copied under a new name.
    pub fn is_of_one_match(&self) -> bool {
        let is_pattern = |path: &str| glob::is_pattern(path) && !path.ends_with('/');
        self.glob
            && !self.goes_into_a_directory()
            && self.paths.iter().any(|path| is_pattern(&path.value))
    }
}

/// Reports whether a path, as written, can only be that of a directory.
pub fn is_directory(path: &str) -> bool {
    path.ends_with('/') || matches!(path.rsplit('/').next(), Some("." | ".."))
}

/// The timestamps of copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The same fixed timestamp for all.
    Fixed,
    /// The original timestamps.
    Kept,
}

/// The mode of copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Exactly this mode.
    Octal(u32),
    /// Changes of the original mode: `u=rwX,go=rX`.
    Symbolic(String),
}

/// A step that writes a file.
#[derive(Debug)]
pub struct Write {
    /// The path; a relative one is resolved against the workdir.
    pub path: String,
    /// The content.
    pub content: String,
    /// The owner.
    pub owner: Option<Owner>,
    /// The mode.
    pub mode: u32,
}

/// A step that creates directories.
#[derive(Debug)]
pub struct Mkdir {
    /// The directories; relative paths are resolved against the workdir.
    pub paths: Vec<String>,
    /// The owner.
    pub owner: Option<Owner>,
    /// The mode; `None` for the default, or for that of an existing directory.
    pub mode: Option<u32>,
}

/// A step that removes files.
#[derive(Debug)]
pub struct Remove {
    /// The paths; relative ones are resolved against the workdir.
    pub paths: Vec<String>,
    /// Whether the paths may be missing.
    pub optional: bool,
    /// Whether the paths are patterns.
    pub glob: bool,
}

/// A step that creates a symbolic link.
#[derive(Debug)]
pub struct Symlink {
    /// The path of the link; a relative one is resolved against the workdir.
    pub path: String,
    /// The target, unchanged.
    pub target: String,
    /// The owner.
    pub owner: Option<Owner>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_directories() {
        for (path, expected) in [
            ("a", false),
            ("a/", true),
            (".", true),
            ("a/.", true),
            ("a/..", true),
            ("a..", false),
        ] {
            assert_eq!(is_directory(path), expected, "{path}");
        }
    }
}
