//! A step: one action, everything about it decided.

use std::sync::Arc;
use std::time::Duration;

use stagefile_runner::Supervision;
use stagefile_text::glob;

use super::{Command, Device, Fetch, Git, Owner, Settings, Source};
use crate::source::{Span, Spanned};

/// Which step of a plan it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StepId(pub(crate) usize);

/// A step.
#[derive(Debug)]
pub struct Step {
    /// Which one it is; no other step of the plan is the same.
    pub id: StepId,
    /// The place of the whole step.
    pub span: Span,
    /// The places that use the template that it is of, the outermost first.
    pub uses: Vec<Span>,
    /// The template that it is of, as the stage calls it; the outermost of several.
    pub template: Option<Arc<str>>,
    /// What the progress output calls it.
    pub name: Option<String>,
    /// What is done.
    pub action: Action,
}

/// What a step does.
#[derive(Debug)]
pub enum Action {
    /// Runs a program.
    Run(Box<Run>),
    /// Copies files.
    Copy(Box<Copy>),
    /// Writes a file.
    Write(Write),
    /// Makes directories.
    Mkdir(Mkdir),
    /// Removes files.
    Remove(Remove),
    /// Makes a symbolic link.
    Symlink(Symlink),
    /// Does branches of steps at the same time.
    Parallel(Vec<Vec<Step>>),
    /// Downloads a file.
    Fetch(Box<Fetch>),
    /// Takes the files of a repository.
    Git(Box<Git>),
}

/// Where the files of its stage are for a script that runs in something else.
pub const IMAGE: &str = "/image";

/// Runs a program.
#[derive(Clone, Debug)]
pub struct Run {
    /// The place of the program.
    pub span: Span,
    /// Which of the stage's scripts it is, counted from 0.
    pub number: usize,
    /// The program.
    pub command: Command,
    /// The stage or image that it runs in; its own stage's files are at [`IMAGE`] then.
    pub within: Option<Spanned<Source>>,
    /// Whether its changes are part of the stage; otherwise it is a check.
    pub keep: bool,
    /// How it runs, with all that it inherits; its binds are mounts.
    pub settings: Settings,
    /// Directories in memory.
    pub tmpfs: Vec<Tmpfs>,
    /// Directories that it fills, as results of their own; a relative path starts at the workdir.
    pub outputs: Vec<Spanned<String>>,
    /// The host name that it sees.
    pub hostname: Option<String>,
    /// The place that has it run without a sandbox.
    pub privileged: Option<Span>,
    /// Devices that it sees.
    pub devices: Vec<Device>,
    /// The control group below which it runs.
    pub cgroup_parent: Option<Spanned<String>>,
    /// Whether it is never taken from the cache.
    pub always: bool,
    /// After how much time it runs again.
    pub every: Option<Duration>,
    /// Which exit codes count as success, how long it may take, and when it is tried again.
    pub supervision: Supervision,
}

/// A directory in memory.
#[derive(Clone, Debug)]
pub struct Tmpfs {
    /// The place that asks for it.
    pub span: Span,
    /// The directory.
    pub target: String,
    /// The most that it holds, in bytes; 0 for no limit.
    pub size: u64,
}

/// Copies files.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own that the user switches on"
)]
pub struct Copy {
    /// From where.
    pub source: Spanned<Source>,
    /// What; a trailing `/` means the content of a directory.
    pub paths: Vec<Spanned<String>>,
    /// Whether the paths may be patterns.
    pub glob: bool,
    /// To where; a relative path starts at the workdir. `None`: there.
    pub to: Option<String>,
    /// Patterns of what is copied of a directory; empty for all.
    pub include: Vec<String>,
    /// Patterns of what isn't.
    pub exclude: Vec<String>,
    /// Whether paths keep their directories.
    pub parents: bool,
    /// Whose the copies are.
    pub owner: Option<Owner>,
    /// Their mode.
    pub mode: Option<Mode>,
    /// Whether a named link is copied as what it points to.
    pub follow: bool,
    /// Whether a pattern may match nothing.
    pub optional: bool,
    /// Whether archives are unpacked.
    pub unpack: bool,
    /// Which times the copies have; `None`: as what comes after it needs them.
    pub times: Option<Times>,
}

impl Copy {
    /// Tells whether what is copied goes into a directory; else one thing is copied under a name of its own.
    pub fn goes_into_a_directory(&self) -> bool {
        self.to.as_deref().is_none_or(is_directory)
            || self.paths.len() > 1
            || self.parents
            || self.unpack
    }

    /// Tells whether it is the one match of a pattern that is copied under a name of its own.
    pub fn is_of_one_match(&self) -> bool {
        let is_pattern = |path: &str| glob::is_pattern(path) && !path.ends_with('/');
        self.glob
            && !self.goes_into_a_directory()
            && self.paths.iter().any(|path| is_pattern(&path.value))
    }
}

/// Tells whether a path, as it is written, can only be a directory's.
pub fn is_directory(path: &str) -> bool {
    path.ends_with('/') || matches!(path.rsplit('/').next(), Some("." | ".."))
}

/// Which times copies have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// All the same.
    Fixed,
    /// Those of what is copied.
    Kept,
}

/// The mode of copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Exactly this.
    Octal(u32),
    /// Changes to what it was: `u=rwX,go=rX`.
    Symbolic(String),
}

/// Writes a file.
#[derive(Debug)]
pub struct Write {
    /// The file; a relative path starts at the workdir.
    pub path: String,
    /// What it holds.
    pub content: String,
    /// Whose it is.
    pub owner: Option<Owner>,
    /// Its mode.
    pub mode: u32,
}

/// Makes directories.
#[derive(Debug)]
pub struct Mkdir {
    /// The directories; relative paths start at the workdir.
    pub paths: Vec<String>,
    /// Whose they are.
    pub owner: Option<Owner>,
    /// Their mode; `None`: as usual, or that of the directory that is there.
    pub mode: Option<u32>,
}

/// Removes files.
#[derive(Debug)]
pub struct Remove {
    /// What; relative paths start at the workdir.
    pub paths: Vec<String>,
    /// Whether they need not exist.
    pub optional: bool,
    /// Whether the paths are patterns.
    pub glob: bool,
}

/// Makes a symbolic link.
#[derive(Debug)]
pub struct Symlink {
    /// Where the link is; a relative path starts at the workdir.
    pub path: String,
    /// What it points to, as it is.
    pub target: String,
    /// Whose it is.
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
