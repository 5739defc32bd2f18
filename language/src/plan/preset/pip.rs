//! Python's packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// What pip downloads and the wheels that it builds; files are put in place whole, so several may write at once.
pub(super) static PRESET: Preset = Preset {
    name: "pip",
    directories: &[Directory {
        name: "pip",
        target: Place::Path("/var/cache/pip"),
        sharing: Sharing::Shared,
        reach: Reach::Daemon,
    }],
    env: &[("PIP_CACHE_DIR", "/var/cache/pip")],
    files: &[],
};
