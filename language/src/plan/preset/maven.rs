//! Java's packages, by Maven.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// The local repository, without the settings beside it. Before Maven 4 nothing locks it, so others have to wait; and
/// `mvn install` puts the project's own packages into it, so projects don't meet.
pub(super) static PRESET: Preset = Preset {
    name: "maven",
    directories: &[Directory {
        name: "maven",
        target: Place::Home("", ".m2", "repository"),
        sharing: Sharing::Locked,
        reach: Reach::Project,
    }],
    env: &[],
    files: &[],
};
