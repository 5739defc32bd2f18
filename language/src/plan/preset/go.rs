//! Go's modules and compiled packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Modules and compiled packages; the go command locks what it writes.
pub(super) static PRESET: Preset = Preset {
    name: "go",
    directories: &[
        Directory {
            name: "go-modules",
            target: Place::Path("/var/cache/go/mod"),
            sharing: Sharing::Shared,
            reach: Reach::Daemon,
        },
        Directory {
            name: "go-build",
            target: Place::Path("/var/cache/go/build"),
            sharing: Sharing::Shared,
            reach: Reach::Project,
        },
    ],
    env: &[
        ("GOMODCACHE", "/var/cache/go/mod"),
        ("GOCACHE", "/var/cache/go/build"),
    ],
    files: &[],
};
