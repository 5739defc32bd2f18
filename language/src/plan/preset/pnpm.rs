//! pnpm's packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// The store, by content, and what the registry said. Links into another file system are impossible, so packages are copied.
/// Releases from 11 on read variables of their own name only.
pub(super) static PRESET: Preset = Preset {
    name: "pnpm",
    directories: &[Directory {
        name: "pnpm",
        target: Place::Path("/var/cache/pnpm"),
        sharing: Sharing::Shared,
        reach: Reach::Daemon,
    }],
    env: &[
        ("npm_config_store_dir", "/var/cache/pnpm/store"),
        ("npm_config_cache_dir", "/var/cache/pnpm/metadata"),
        ("npm_config_package_import_method", "copy"),
        ("pnpm_config_store_dir", "/var/cache/pnpm/store"),
        ("pnpm_config_cache_dir", "/var/cache/pnpm/metadata"),
        ("pnpm_config_package_import_method", "copy"),
    ],
    files: &[],
};
