//! Alpine's packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Indexes and packages. apk keeps them only if this directory is there; it is a link in most descriptions, and mounted
/// here, so that nothing has to be made in the image.
pub(super) static PRESET: Preset = Preset {
    name: "apk",
    directories: &[Directory {
        name: "apk",
        target: Place::Path("/etc/apk/cache"),
        sharing: Sharing::Locked,
        reach: Reach::Daemon,
    }],
    env: &[],
    files: &[],
};
