//! Rust's crates.

use super::{Directory, Place, Preset};
use crate::plan::Sharing;

/// The registry and git checkouts. Cargo's own lock lies beside them, in the image, so others have to wait.
pub(super) static PRESET: Preset = Preset {
    name: "cargo",
    directories: &[
        Directory {
            name: "cargo-registry",
            target: Place::Home("CARGO_HOME", ".cargo", "registry"),
            sharing: Sharing::Locked,
        },
        Directory {
            name: "cargo-git",
            target: Place::Home("CARGO_HOME", ".cargo", "git"),
            sharing: Sharing::Locked,
        },
    ],
    env: &[],
    files: &[],
};
