//! Python's packages, by Poetry.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// What Poetry downloads. Poetry keeps virtual environments below its cache too, where the image would lose them, so they are made
/// in the project, where it finds them by itself later.
pub(super) static PRESET: Preset = Preset {
    name: "poetry",
    directories: &[Directory {
        name: "poetry",
        target: Place::Path("/var/cache/poetry"),
        sharing: Sharing::Shared,
        reach: Reach::Daemon,
    }],
    env: &[
        ("POETRY_CACHE_DIR", "/var/cache/poetry"),
        ("POETRY_VIRTUALENVS_IN_PROJECT", "true"),
    ],
    files: &[],
};
