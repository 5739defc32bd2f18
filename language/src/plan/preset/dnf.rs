//! Packages of Fedora and its relatives.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Metadata and packages, of dnf 4 and of dnf 5, one user at a time.
pub(super) static PRESET: Preset = Preset {
    name: "dnf",
    directories: &[
        Directory {
            name: "dnf",
            target: Place::Path("/var/cache/dnf"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
        },
        Directory {
            name: "libdnf5",
            target: Place::Path("/var/cache/libdnf5"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
        },
    ],
    env: &[],
    // Both throw packages away once they are installed. The main configuration belongs to the image: dnf 5 reads further
    // files, dnf 4 has aliases; the backslash keeps one from being replaced again.
    files: &[
        (
            "/etc/dnf/libdnf5.conf.d/80-stagefile-keepcache.conf",
            "[main]\nkeepcache=1\n",
        ),
        (
            "/etc/dnf/aliases.d/stagefile-keepcache.conf",
            "[main]\nenabled=1\n\n[aliases]\ninstall=\\install --setopt=keepcache=1\nupgrade=\\upgrade --setopt=keepcache=1\n",
        ),
    ],
};
