//! Bun's packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// What Bun downloads; packages are put in place whole, so several may write at once. It copies where it can't link.
pub(super) static PRESET: Preset = Preset {
    name: "bun",
    directories: &[Directory {
        name: "bun",
        target: Place::Path("/var/cache/bun"),
        sharing: Sharing::Shared,
        reach: Reach::Daemon,
    }],
    env: &[("BUN_INSTALL_CACHE_DIR", "/var/cache/bun")],
    files: &[],
};
