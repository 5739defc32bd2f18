//! What compilers made, those of Rust too.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Results by what they were made of. Cargo and `CMake` are told of it; what Cargo makes incrementally can't be kept.
pub(super) static PRESET: Preset = Preset {
    name: "sccache",
    directories: &[Directory {
        name: "sccache",
        target: Place::Path("/var/cache/sccache"),
        sharing: Sharing::Shared,
        reach: Reach::Project,
    }],
    env: &[
        ("SCCACHE_DIR", "/var/cache/sccache"),
        ("RUSTC_WRAPPER", "sccache"),
        ("CARGO_INCREMENTAL", "0"),
        ("CMAKE_C_COMPILER_LAUNCHER", "sccache"),
        ("CMAKE_CXX_COMPILER_LAUNCHER", "sccache"),
    ],
    files: &[],
};
