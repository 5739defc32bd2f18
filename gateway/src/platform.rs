//! Platforms on the wire and in JSON.

use buildkit_llb::Platform;
use buildkit_proto::ops;
use serde::{Deserialize, Serialize};

/// Reads a platform of a message.
pub(crate) fn from_wire(platform: ops::Platform) -> Platform {
    Platform {
        os: platform.os,
        architecture: platform.architecture,
        variant: platform.variant,
        os_version: platform.os_version,
        os_features: platform.os_features,
    }
}

/// Writes a platform for a message.
pub(crate) fn to_wire(platform: &Platform) -> ops::Platform {
    ops::Platform {
        os: platform.os.clone(),
        architecture: platform.architecture.clone(),
        variant: platform.variant.clone(),
        os_version: platform.os_version.clone(),
        os_features: platform.os_features.clone(),
    }
}

/// A platform in the JSON of OCI images; fields in the order in which Go writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PlatformJson {
    pub(crate) architecture: String,
    pub(crate) os: String,
    #[serde(rename = "os.version", skip_serializing_if = "String::is_empty")]
    pub(crate) os_version: String,
    #[serde(rename = "os.features", skip_serializing_if = "Vec::is_empty")]
    pub(crate) os_features: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) variant: String,
}

impl From<Platform> for PlatformJson {
    fn from(platform: Platform) -> Self {
        Self {
            architecture: platform.architecture,
            os: platform.os,
            os_version: platform.os_version,
            os_features: platform.os_features,
            variant: platform.variant,
        }
    }
}

impl From<PlatformJson> for Platform {
    fn from(json: PlatformJson) -> Self {
        Self {
            os: json.os,
            architecture: json.architecture,
            variant: json.variant,
            os_version: json.os_version,
            os_features: json.os_features,
        }
    }
}
