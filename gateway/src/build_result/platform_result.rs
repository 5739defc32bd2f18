//! What a build has as its outcome for one platform.

use buildkit_llb::Platform;
use bytes::Bytes;

use super::BuildResult;
use crate::ImageConfig;
use crate::client::Ref;

/// The outcome for one platform: files, and what makes an image of them.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct PlatformResult {
    reference: Option<Ref>,
    config: Option<Bytes>,
    base_config: Option<Bytes>,
    epoch: Option<i64>,
    /// The platform that the image says it is for.
    image_platform: Option<Platform>,
}

impl PlatformResult {
    /// Takes the files; none for an empty file system.
    pub fn new(reference: Option<Ref>) -> Self {
        Self {
            reference,
            ..Self::default()
        }
    }

    /// Sets the image's configuration. Without one the exporter makes one up.
    pub fn config(mut self, config: &ImageConfig) -> Self {
        self.image_platform = Some(config.platform().clone());
        self.config_json(config.to_json())
    }

    /// Sets the image's configuration to JSON that is there already, such as a nested frontend's.
    pub fn config_json(mut self, json: impl Into<Bytes>) -> Self {
        self.config = Some(json.into());
        self
    }

    /// Sets the unchanged configuration of the base image, from which the exporter knows which part
    /// of the history isn't this build's.
    pub fn base_config_json(mut self, json: impl Into<Bytes>) -> Self {
        self.base_config = Some(json.into());
        self
    }

    /// Sets the time that the image is made at, in seconds since 1970.
    pub fn epoch(mut self, seconds: i64) -> Self {
        self.epoch = Some(seconds);
        self
    }

    /// Gives the platform as clients are told it. Windows images are for one version of Windows, which
    /// whoever asks for them doesn't name.
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

    /// Adds the metadata to a whole result, and gives the files.
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
