//! Caches that need no definition: what each tool keeps, where, and how it is told so.
//!
//! Where a tool can be told its directory by a variable, it gets one below `/var/cache`: the usual places lie in a home
//! directory, which differs from user to user.

mod apk;
mod apt;
mod bun;
mod bundler;
mod cargo;
mod ccache;
mod composer;
mod dnf;
mod go;
mod gradle;
mod maven;
mod npm;
mod nuget;
mod pip;
mod pnpm;
mod poetry;
mod sccache;
mod uv;
mod yarn;

use super::{Reach, Sharing, Target};

/// A tool's caches.
#[derive(Debug)]
pub struct Preset {
    /// How the user calls it.
    pub name: &'static str,
    /// What is kept.
    pub directories: &'static [Directory],
    /// Variables that scripts get.
    pub env: &'static [(&'static str, &'static str)],
    /// Files that scripts see: paths and texts.
    pub files: &'static [(&'static str, &'static str)],
}

/// A directory that a tool keeps.
#[derive(Debug)]
pub struct Directory {
    /// What it is called; part of its identity on the daemon.
    pub name: &'static str,
    /// Where it is.
    pub target: Place,
    /// Whether the tool stands others at the same time.
    pub sharing: Sharing,
    /// Who shares it.
    pub reach: Reach,
}

/// Where a directory is.
#[derive(Debug)]
pub enum Place {
    /// Always there.
    Path(&'static str),
    /// As in [`Target::Home`]: the variable (empty for none), the directory of the home, and what is below it.
    Home(&'static str, &'static str, &'static str),
}

impl Place {
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

/// All presets, by name.
pub static ALL: &[&Preset] = &[
    &apk::PRESET,
    &apt::PRESET,
    &bun::PRESET,
    &bundler::PRESET,
    &cargo::PRESET,
    &ccache::PRESET,
    &composer::PRESET,
    &dnf::PRESET,
    &go::PRESET,
    &gradle::PRESET,
    &maven::PRESET,
    &npm::PRESET,
    &nuget::PRESET,
    &pip::PRESET,
    &pnpm::PRESET,
    &poetry::PRESET,
    &sccache::PRESET,
    &uv::PRESET,
    &yarn::PRESET,
];

/// Returns the preset of a name.
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().copied().find(|preset| preset.name == name)
}

/// Lists the names of the presets.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|preset| preset.name).collect()
}
