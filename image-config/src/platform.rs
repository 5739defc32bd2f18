//! Platforms in the JSON of images.

use buildkit_llb::Platform;
use serde::{Deserialize, Serialize};

/// A platform in the JSON of OCI images; fields in the order in which Go writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlatformJson {
    /// The processor, such as `amd64`.
    pub architecture: String,
    /// The operating system, such as `linux`.
    pub os: String,
    /// The version of the operating system; Windows has some.
    #[serde(rename = "os.version", skip_serializing_if = "String::is_empty")]
    pub os_version: String,
    /// Features of the operating system.
    #[serde(rename = "os.features", skip_serializing_if = "Vec::is_empty")]
    pub os_features: Vec<String>,
    /// The version of the processor, such as `v7`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub variant: String,
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
