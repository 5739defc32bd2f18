//! PHP's packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// What Composer downloads.
pub(super) static PRESET: Preset = Preset {
    name: "composer",
    directories: &[Directory {
        name: "composer",
        target: Place::Path("/var/cache/composer"),
        sharing: Sharing::Shared,
        reach: Reach::Daemon,
    }],
    env: &[("COMPOSER_CACHE_DIR", "/var/cache/composer")],
    files: &[],
};
