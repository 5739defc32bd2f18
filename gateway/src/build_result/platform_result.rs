//! The result of a build for one platform.

use buildkit_llb::Platform;
use bytes::Bytes;

use super::BuildResult;
use crate::ImageConfig;
use crate::client::Ref;

/// The result for one platform: files, and the properties of the image made from them.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct PlatformResult {
    reference: Option<Ref>,
    config: Option<Bytes>,
    base_config: Option<Bytes>,
    epoch: Option<i64>,
    /// The platform in the image's configuration.
    image_platform: Option<Platform>,
}

impl PlatformResult {
    /// Creates a result from files; `None` is an empty file system.
    pub fn new(reference: Option<Ref>) -> Self {
        Self {
            reference,
            ..Self::default()
        }
    }

    /// Sets the image's configuration. Without one, the exporter generates it.
    pub fn config(mut self, config: &ImageConfig) -> Self {
        self.image_platform = Some(config.platform().clone());
        self.config_json(config.to_json())
    }

    /// Sets the image's configuration from existing JSON, such as that of a nested frontend.
    pub fn config_json(mut self, json: impl Into<Bytes>) -> Self {
        self.config = Some(json.into());
        self
    }

    /// Sets the unchanged configuration of the base image, from which the exporter determines which
    /// part of the history doesn't belong to this build.
    pub fn base_config_json(mut self, json: impl Into<Bytes>) -> Self {
        self.base_config = Some(json.into());
        self
    }

    /// Sets the image's creation time, in seconds since 1970.
    pub fn epoch(mut self, seconds: i64) -> Self {
        self.epoch = Some(seconds);
        self
    }

    /// Returns the platform as reported to clients. Windows images are for one version of Windows,
    /// which requests don't name.
    pub(super) fn exported_platform(&self, platform: &Platform) -> Platform {
        let mut platform = platform.normalize();
        let image = self.image_platform.as_ref();
        if let Some(image) = image.filter(|image| platform.os == "windows" && image.os == "windows")
        {
            if platform.os_version.is_empty() {
                platform.os_version.clone_from(&image.os_version);
            }
            if platform.os_features.is_empty() {
                platform.os_features.clone_from(&image.os_features);
            }
        }
        platform
    }

    /// Adds the metadata to a full result, and returns the files.
    pub(super) fn add_to(self, whole: &mut BuildResult, platform: Option<&str>) -> Option<Ref> {
        let entries = [
            ("containerimage.config", self.config),
            ("containerimage.base.config", self.base_config),
            (
                "source.date.epoch",
                self.epoch.map(|seconds| seconds.to_string().into()),
            ),
        ];
        for (key, value) in entries {
            let key = match platform {
                None => key.to_owned(),
                Some(platform) => format!("{key}/{platform}"),
            };
            whole.metadata.extend(value.map(|value| (key, value)));
        }
        self.reference
    }
}
