//! Ruby's gems.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Gems as they are downloaded, the index, and compiled extensions. Bundler keeps gems here only if it is told that the
/// cache is for all projects; since extensions fit the system that they were compiled on, ours is not.
pub(super) static PRESET: Preset = Preset {
    name: "bundler",
    directories: &[Directory {
        name: "bundler",
        target: Place::Path("/var/cache/bundler"),
        sharing: Sharing::Shared,
        reach: Reach::Project,
    }],
    env: &[
        ("BUNDLE_USER_CACHE", "/var/cache/bundler"),
        ("BUNDLE_GLOBAL_GEM_CACHE", "true"),
    ],
    files: &[],
};
