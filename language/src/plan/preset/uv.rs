//! Python's packages, by uv.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// What uv downloads and builds; it is made for several that write at once. The cache is another file system, to which nothing
/// can be linked, and uv would warn of that each time.
pub(super) static PRESET: Preset = Preset {
    name: "uv",
    directories: &[Directory {
        name: "uv",
        target: Place::Path("/var/cache/uv"),
        sharing: Sharing::Shared,
        reach: Reach::Daemon,
    }],
    env: &[("UV_CACHE_DIR", "/var/cache/uv"), ("UV_LINK_MODE", "copy")],
    files: &[],
};
