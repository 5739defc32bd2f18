//! Image configurations: the OCI format, with Docker's extensions.
//!
//! The output is byte for byte the same as that of Go's frontends for the same values, since the bytes of `config` become part
//! of the image and its digest. Unknown keys are kept at every level.
#![forbid(unsafe_code)]

mod container;
mod healthcheck;
mod history;
mod json;

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use container::ContainerConfig;
pub use healthcheck::Healthcheck;
pub use history::History;

/// The default `PATH` if an image sets none.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The configuration of an image.
///
/// ```
/// use buildkit_image_config::ImageConfig;
/// use buildkit_llb::Platform;
///
/// let base = br#"{"architecture":"amd64","os":"linux","created":"2024-01-01T00:00:00Z",
///     "config":{"Env":["PATH=/bin"],"Cmd":["sh"]},"rootfs":{"type":"layers","diff_ids":[]}}"#;
/// let mut image = ImageConfig::from_json(base)?.inherit();
/// image.config.set_entrypoint(["/server"]);
/// assert_eq!(image.config.cmd, ["sh"; 0]);
/// assert_eq!(image.created, None);
/// assert_eq!(image.platform(), &Platform::new("linux", "amd64"));
/// # Ok::<(), buildkit_image_config::ImageConfigError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ImageConfig {
    /// The creation time (RFC 3339). The exporter sets it if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// The author.
    #[serde(
        skip_serializing_if = "String::is_empty",
        deserialize_with = "json::or_default"
    )]
    pub author: String,
    #[serde(flatten)]
    platform: Platform,
    /// The layers. The exporter replaces them with those that it creates.
    pub rootfs: RootFs,
    /// The history: the steps that created the layers, and steps without a layer.
    #[serde(
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "json::or_default"
    )]
    pub history: Vec<History>,
    /// The configuration of the image's containers.
    #[serde(deserialize_with = "json::or_default")]
    pub config: ContainerConfig,
    /// Keys that this crate doesn't know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// The layers of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RootFs {
    /// Always `layers`.
    #[serde(rename = "type", deserialize_with = "json::or_default")]
    pub kind: String,
    /// The digests of the uncompressed layers.
    pub diff_ids: Option<Vec<String>>,
}

impl Default for RootFs {
    fn default() -> Self {
        Self {
            kind: "layers".to_owned(),
            diff_ids: None,
        }
    }
}

/// The error returned when an image's configuration can't be parsed.
#[derive(Debug, thiserror::Error)]
#[error("the image's configuration is not valid: {0}")]
pub struct ImageConfigError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl ImageConfig {
    /// Creates the configuration of an image without a base image.
    pub fn scratch(platform: &Platform) -> Self {
        let mut image = Self {
            platform: platform.clone(),
            ..Self::default()
        };
        "/".clone_into(&mut image.config.working_dir);
        image.ensure_path();
        image
    }

    /// Parses a configuration from a registry or another frontend.
    pub fn from_json(json: &[u8]) -> Result<Self, ImageConfigError> {
        serde_json::from_slice(json).map_err(|error| ImageConfigError(error.into()))
    }

    /// Encodes the configuration like Go.
    pub fn to_json(&self) -> Bytes {
        json::to_go_json(self)
    }

    /// Returns the configuration of an image based on this one: everything except the creation time. The triggers
    /// ([`ContainerConfig::on_build`]) are kept; callers that run them must clear them.
    ///
    /// Like Go's frontends, this adds a `PATH` if the base has none.
    #[must_use]
    pub fn inherit(&self) -> Self {
        let mut image = Self {
            created: None,
            ..self.clone()
        };
        image.ensure_path();
        image
    }

    /// Removes the keys that this crate doesn't know, at every level, like frontends that parse configurations into Go types:
    /// for example, information by older versions of Docker on how an image was built.
    #[must_use]
    pub fn without_unknown_keys(mut self) -> Self {
        self.other.clear();
        self.config.other.clear();
        for entry in &mut self.history {
            entry.other.clear();
        }
        if let Some(check) = &mut self.config.healthcheck {
            check.other.clear();
        }
        self
    }

    /// Adds a `PATH` if there is none. Not on Windows, which has its own.
    fn ensure_path(&mut self) {
        if self.platform.os != "windows" && self.config.env("PATH").is_none() {
            self.config.set_env("PATH", DEFAULT_PATH);
        }
    }

    /// Reports whether the image has no files, so that an empty file system is equivalent. Images in a format from before 2016
    /// don't list layers, but have a history.
    pub fn is_empty(&self) -> bool {
        self.rootfs.diff_ids.as_ref().is_none_or(Vec::is_empty)
            && self.history.iter().all(|history| history.empty_layer)
    }

    /// Returns the image's platform, as it is in the configuration.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Sets the image's platform to the one that the user requested, whatever the base image's is.
    ///
    /// A variant, version or features that the new platform doesn't specify are kept from the base image, unless the operating
    /// system or architecture changes. The result is normalized.
    pub fn set_platform(&mut self, target: &Platform) {
        let other =
            self.platform.os != target.os || self.platform.architecture != target.architecture;
        let mut platform = self.platform.clone();
        platform.os.clone_from(&target.os);
        platform.architecture.clone_from(&target.architecture);
        if other || !target.variant.is_empty() {
            platform.variant.clone_from(&target.variant);
        }
        if other || !target.os_version.is_empty() {
            platform.os_version.clone_from(&target.os_version);
        }
        if other || !target.os_features.is_empty() {
            platform.os_features.clone_from(&target.os_features);
        }
        self.platform = platform.normalize();
    }

    /// Normalizes the platform.
    pub fn normalize_platform(&mut self) {
        self.platform = self.platform.normalize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(image: &ImageConfig) -> String {
        String::from_utf8(image.to_json().to_vec()).unwrap()
    }

    #[test]
    fn an_image_without_base_is_what_go_writes() {
        assert_eq!(
            json(&ImageConfig::scratch(&Platform::new("linux", "amd64"))),
            concat!(
                r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null},"#,
                r#""config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"#,
                r#""WorkingDir":"/"}}"#
            )
        );
        let windows = ImageConfig::scratch(&Platform::new("windows", "amd64"));
        assert_eq!(windows.config.env("PATH"), None);
    }

    #[test]
    fn fields_are_in_the_order_of_go() {
        // The output of Go for a value with every field set.
        let from_go = concat!(
            r#"{"created":"2024-01-02T03:04:05Z","author":"a","architecture":"arm","os":"linux","#,
            r#""os.version":"1","os.features":["f"],"variant":"v7","#,
            r#""rootfs":{"type":"layers","diff_ids":["sha256:aa"]},"#,
            r#""history":[{"created":"2024-01-02T03:04:05Z","created_by":"RUN a \u0026\u0026 b","#,
            r#""author":"a","comment":"c","empty_layer":true}],"#,
            r#""config":{"User":"u","ExposedPorts":{"80/tcp":{}},"Env":["A=\u003cb\u003e"],"#,
            r#""Entrypoint":["/e"],"Cmd":["c"],"Volumes":{"/v":{}},"WorkingDir":"/w","#,
            r#""Labels":{"k":"v"},"StopSignal":"SIGTERM","ArgsEscaped":true,"#,
            r#""Healthcheck":{"Test":["CMD","t"],"Interval":1000000000,"Timeout":2,"#,
            r#""StartPeriod":3,"StartInterval":4,"Retries":5},"#,
            r#""OnBuild":["RUN x"],"Shell":["/bin/sh","-c"]}}"#
        );
        let image = ImageConfig::from_json(from_go.as_bytes()).unwrap();
        assert_eq!(json(&image), from_go);
        assert_eq!(image.config.healthcheck.unwrap().interval, 1_000_000_000);
    }

    #[test]
    fn unknown_keys_are_kept_at_every_level() {
        let text = concat!(
            r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"#,
            r#""history":[{"created_by":"x","h":1}],"#,
            r#""config":{"Healthcheck":{"Test":["NONE"],"c":null},"Domainname":"d","Tty":false},"#,
            r#""moby.buildkit.cache.v0":"x","top":[1,2]}"#
        );
        assert_eq!(
            json(&ImageConfig::from_json(text.as_bytes()).unwrap()),
            text
        );
    }

    #[test]
    fn null_is_as_good_as_absent() {
        let text = br#"{"architecture":"amd64","os":"linux","history":null,"author":null,
            "created":null,"config":{"Env":null,"Cmd":null,"Labels":null,"Volumes":null,
            "ExposedPorts":null,"Healthcheck":null,"OnBuild":null,"User":null}}"#;
        let image = ImageConfig::from_json(text).unwrap();
        assert!(image.is_empty());
        assert_eq!(image.config, ContainerConfig::default());
    }

    #[test]
    fn garbage_is_an_error() {
        for text in ["", "[]", "null", r#"{"config":{"Env":"A=b"}}"#] {
            ImageConfig::from_json(text.as_bytes()).unwrap_err();
        }
    }

    #[test]
    fn a_base_hands_on_all_but_the_time() {
        let base = br#"{"created":"2024-01-02T03:04:05Z","author":"a","os":"linux",
            "config":{"User":"u","OnBuild":["RUN x"]},"history":[{"created_by":"x"}]}"#;
        let image = ImageConfig::from_json(base).unwrap().inherit();
        assert_eq!(image.created, None);
        assert_eq!(
            (image.author.as_str(), image.config.user.as_str()),
            ("a", "u")
        );
        assert_eq!(image.config.on_build, ["RUN x"]);
        assert_eq!(image.config.env("PATH"), Some(DEFAULT_PATH));
        assert!(!image.is_empty());
    }

    #[test]
    fn platforms_of_the_user_win() {
        let cases = [
            ("linux/arm/v6", "linux/arm", "linux/arm/v6"),
            ("linux/arm/v6", "linux/arm/v7", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm64/v8", "linux/arm64"),
            ("linux/arm64/v8", "linux/amd64", "linux/amd64"),
        ];
        for (base, target, expected) in cases {
            let mut image = ImageConfig::scratch(&base.parse().unwrap());
            // `parse` adds variants that a user may leave out.
            let (os, rest) = target.split_once('/').unwrap();
            let (architecture, variant) = rest.split_once('/').unwrap_or((rest, ""));
            image.set_platform(&Platform::new(os, architecture).with_variant(variant));
            assert_eq!(
                image.platform().to_string(),
                expected,
                "{base} for {target}"
            );
        }
    }

    #[test]
    fn variables_without_a_value_are_set() {
        let mut image = ImageConfig::default();
        image.config.env = vec!["BARE".to_owned(), "PATH".to_owned()];
        image.ensure_path();
        assert_eq!(image.config.env("BARE"), Some(""));
        image.config.set_env("BARE", "set");
        assert_eq!(image.config.env, ["BARE=set", "PATH"]);
    }

    #[test]
    fn only_known_keys_are_left() {
        let json = r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":null},"config":{}}"#;
        let written =
            r#"{"architecture":"amd64","os":"linux","docker_version":"18","config":{"Tty":false}}"#;
        let image = ImageConfig::from_json(written.as_bytes()).unwrap();
        assert_eq!(image.without_unknown_keys().to_json(), json);
    }
}
