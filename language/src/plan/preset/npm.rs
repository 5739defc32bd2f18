//! npm's packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// What npm downloads; it is stored by content, so several may write at once.
pub(super) static PRESET: Preset = Preset {
    name: "npm",
    directories: &[Directory {
        name: "npm",
        target: Place::Path("/var/cache/npm"),
        sharing: Sharing::Shared,
        reach: Reach::Daemon,
    }],
    env: &[("npm_config_cache", "/var/cache/npm")],
    files: &[],
};
