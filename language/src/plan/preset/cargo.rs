//! Rust's crates.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// The registry and git checkouts. Cargo's own lock lies beside them, in the image, so others have to wait.
pub(super) static PRESET: Preset = Preset {
    name: "cargo",
    directories: &[
        Directory {
            name: "cargo-registry",
            target: Place::Home("CARGO_HOME", ".cargo", "registry"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
        },
        Directory {
            name: "cargo-git",
            target: Place::Home("CARGO_HOME", ".cargo", "git"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
        },
    ],
    env: &[],
    files: &[],
};
