//! Yarn's packages, of the classic Yarn and of the later ones.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// What Yarn downloads. The classic one writes into its cache without a lock, so others have to wait. Later ones keep theirs in
/// a global folder.
pub(super) static PRESET: Preset = Preset {
    name: "yarn",
    directories: &[Directory {
        name: "yarn",
        target: Place::Path("/var/cache/yarn"),
        sharing: Sharing::Locked,
        reach: Reach::Daemon,
    }],
    env: &[
        ("YARN_CACHE_FOLDER", "/var/cache/yarn/classic"),
        ("YARN_GLOBAL_FOLDER", "/var/cache/yarn/berry"),
    ],
    files: &[],
};
