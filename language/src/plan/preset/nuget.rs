//! .NET's packages.

use super::{Directory, Place, Preset, Reach};
use crate::plan::Sharing;

/// Packages, unpacked, and what the servers said. `NuGet`'s locks lie in the image, so others have to wait.
pub(super) static PRESET: Preset = Preset {
    name: "nuget",
    directories: &[Directory {
        name: "nuget",
        target: Place::Path("/var/cache/nuget"),
        sharing: Sharing::Locked,
        reach: Reach::Daemon,
    }],
    env: &[
        ("NUGET_PACKAGES", "/var/cache/nuget/packages"),
        ("NUGET_HTTP_CACHE_PATH", "/var/cache/nuget/http"),
    ],
    files: &[],
};
