//! Debian's packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Lists and archives, one user at a time, since apt and dpkg lock them.
pub(super) static PRESET: Preset = Preset {
    name: "apt",
    directories: &[
        Directory {
            name: "apt-archives",
            target: Place::Path("/var/cache/apt"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
        },
        Directory {
            name: "apt-lists",
            target: Place::Path("/var/lib/apt/lists"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
        },
    ],
    env: &[],
    // Images of Debian and Ubuntu have a file of this name that empties both directories behind every command.
    files: &[(
        "/etc/apt/apt.conf.d/docker-clean",
        "Binary::apt::APT::Keep-Downloaded-Packages \"true\";\n",
    )],
};
