//! What C and C++ compilers made.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Results by what they were made of; ccache locks what it writes. `CMake` is told of it; other builds call ccache themselves.
pub(super) static PRESET: Preset = Preset {
    name: "ccache",
    directories: &[Directory {
        name: "ccache",
        target: Place::Path("/var/cache/ccache"),
        sharing: Sharing::Shared,
        reach: Reach::Project,
    }],
    env: &[
        ("CCACHE_DIR", "/var/cache/ccache"),
        ("CMAKE_C_COMPILER_LAUNCHER", "ccache"),
        ("CMAKE_CXX_COMPILER_LAUNCHER", "ccache"),
    ],
    files: &[],
};
