//! Caches that need no definition: what each tool keeps, where, and how it is told so.
//!
//! Where a tool can be told its directory by a variable, it gets one below `/var/cache`: the usual places lie in a home
//! directory, which differs from user to user.

mod table;

use super::{Cache, Reach, Sharing, Target};
use crate::source::Span;

/// A tool's caches.
#[derive(Debug)]
pub struct Preset {
    /// How the user calls it.
    pub name: &'static str,
    /// What is kept.
    pub directories: &'static [Directory],
    /// Variables that scripts get.
    pub env: &'static [(&'static str, &'static str)],
    /// Files that scripts see: paths and contents.
    pub files: &'static [(&'static str, &'static str)],
}

impl Preset {
    /// Lists its caches, for a place that asks for them. The first one carries the variables and files, which belong to all.
    pub fn caches(&self, span: Span) -> Vec<Cache> {
        let owned = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect()
        };
        let cache = |(index, directory): (usize, &Directory)| Cache {
            span,
            name: directory.name.to_owned(),
            id: None,
            reach: directory.reach,
            divisions: Vec::new(),
            from: None,
            target: directory.target.target(),
            sharing: directory.sharing,
            is_divisible: directory.is_divisible,
            mode: None,
            uid: None,
            gid: None,
            env: if index == 0 {
                owned(self.env)
            } else {
                Vec::new()
            },
            files: if index == 0 {
                owned(self.files)
            } else {
                Vec::new()
            },
        };
        self.directories.iter().enumerate().map(cache).collect()
    }
}

/// A directory that a tool keeps.
#[derive(Debug)]
pub struct Directory {
    /// What it is called; part of its identity on the daemon.
    pub name: &'static str,
    /// Where it is.
    pub target: Location,
    /// Whether the tool stands others at the same time.
    pub sharing: Sharing,
    /// Who shares it.
    pub reach: Reach,
    /// Whether the tool does without some of its files, since none needs another.
    pub is_divisible: bool,
}

/// Where a directory is.
#[derive(Debug)]
pub enum Location {
    /// Always there.
    Path(&'static str),
    /// As in [`Target::Home`]: the variable (empty for none), the directory of the home, and what is below it.
    Home(&'static str, &'static str, &'static str),
}

impl Location {
    /// Returns where a cache is mounted.
    pub fn target(&self) -> Target {
        match *self {
            Self::Path(path) => Target::Path(path.to_owned()),
            Self::Home(variable, directory, path) => Target::Home {
                variable,
                directory,
                path,
            },
        }
    }
}

pub use table::ALL;

/// Returns the preset of a name.
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// Lists the names of the presets.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|preset| preset.name).collect()
}
