//! Predefined caches: the directories that tools cache, and the settings for them.
//!
//! If the directory of a tool can be set by a variable, it is below `/var/cache`: the defaults are in a home directory,
//! which depends on the user.

mod table;

use super::{Cache, Reach, Sharing, Target};
use crate::source::Span;

/// The caches of a tool.
#[derive(Debug)]
pub struct Preset {
    /// The name.
    pub name: &'static str,
    /// The cached directories.
    pub directories: &'static [Directory],
    /// Environment variables for scripts.
    pub env: &'static [(&'static str, &'static str)],
    /// Files for scripts: paths and contents.
    pub files: &'static [(&'static str, &'static str)],
}

impl Preset {
    /// Returns the caches, for a location that uses them. The first one has the variables and files, which belong to all.
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

/// A directory that a tool caches.
#[derive(Debug)]
pub struct Directory {
    /// The name, which is part of the cache's ID on the daemon.
    pub name: &'static str,
    /// The path.
    pub target: Location,
    /// How concurrent steps share it.
    pub sharing: Sharing,
    /// The scope in which it is shared.
    pub reach: Reach,
    /// Whether its files are useful on their own, so that some can be left out.
    pub is_divisible: bool,
}

/// The path of a directory.
#[derive(Debug)]
pub enum Location {
    /// A fixed path.
    Path(&'static str),
    /// As in [`Target::Home`]: the variable (empty for none), the directory in the home directory, and the path below it.
    Home(&'static str, &'static str, &'static str),
}

impl Location {
    /// Returns the path at which the cache is mounted.
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

/// Returns the preset with a name.
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// Returns the names of the presets.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|preset| preset.name).collect()
}
