//! Platforms on the wire.

use buildkit_llb::Platform;
use buildkit_proto::ops;

/// Converts a platform from its wire form.
pub(crate) fn from_wire(platform: ops::Platform) -> Platform {
    Platform {
        os: platform.os,
        architecture: platform.architecture,
        variant: platform.variant,
        os_version: platform.os_version,
        os_features: platform.os_features,
    }
}

/// Converts a platform to its wire form.
pub(crate) fn to_wire(platform: &Platform) -> ops::Platform {
    ops::Platform {
        os: platform.os.clone(),
        architecture: platform.architecture.clone(),
        variant: platform.variant.clone(),
        os_version: platform.os_version.clone(),
        os_features: platform.os_features.clone(),
    }
}
