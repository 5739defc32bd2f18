//! Java's packages, by Gradle.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Packages with what was made of them, and the releases of Gradle that its wrapper downloads; not the rest of Gradle's home,
/// where properties and scripts of the user's are. Those who hold Gradle's locks are asked for them over the network, which
/// doesn't reach from sandbox to sandbox, so others have to wait.
pub(super) static PRESET: Preset = Preset {
    name: "gradle",
    directories: &[
        Directory {
            name: "gradle-caches",
            target: Place::Home("GRADLE_USER_HOME", ".gradle", "caches"),
            sharing: Sharing::Locked,
            reach: Reach::Project,
        },
        Directory {
            name: "gradle-wrapper",
            target: Place::Home("GRADLE_USER_HOME", ".gradle", "wrapper"),
            sharing: Sharing::Locked,
            reach: Reach::Daemon,
        },
    ],
    env: &[],
    files: &[],
};
