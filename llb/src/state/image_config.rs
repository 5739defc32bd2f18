//! Settings out of an image's configuration.

use serde::Deserialize;
use thiserror::Error;

use super::State;
use crate::platform::Platform;

/// Says that an image's configuration can't be read: it is not JSON, or a field that is used here
/// has another type than the OCI specification gives it.
#[derive(Debug, Error)]
#[error("the image's configuration is not valid JSON of an OCI image")]
pub struct ImageConfigError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// The fields that matter to what is done with an image next.
#[derive(Deserialize)]
struct Image {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
    #[serde(default)]
    variant: String,
    #[serde(default, rename = "os.version")]
    os_version: String,
    #[serde(default, rename = "os.features")]
    os_features: Option<Vec<String>>,
    #[serde(default)]
    config: Option<Config>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    #[serde(default)]
    env: Option<Vec<String>>,
    #[serde(default)]
    working_dir: String,
}

/// Applies a configuration (`WithImageConfig` in `client/llb/state.go`).
pub(super) fn apply(state: &State, config: &[u8]) -> Result<State, ImageConfigError> {
    // Through a map, since a derived reader would take an array for the fields in order.
    let image: Image = serde_json::from_slice(config)
        .and_then(|fields: serde_json::Map<_, _>| serde_json::from_value(fields.into()))
        .map_err(|error| ImageConfigError(error.into()))?;
    let config = image.config.unwrap_or_default();
    let mut state = state.clone();
    for variable in config.env.unwrap_or_default() {
        let (name, value) = variable.split_once('=').unwrap_or((&variable, ""));
        if !name.is_empty() {
            state = state.env(name, value);
        }
    }
    state = state.dir(config.working_dir);
    if !image.architecture.is_empty() && !image.os.is_empty() {
        state = state.platform(&Platform {
            os: image.os,
            architecture: image.architecture,
            variant: image.variant,
            os_version: image.os_version,
            os_features: image.os_features.unwrap_or_default(),
        });
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_directory_and_platform() {
        let config = br#"{
            "architecture": "arm", "os": "linux", "created": "x", "rootfs": {},
            "config": {"Env": ["PATH=/bin:/x=y", "EMPTY=", "NONE", "=odd"], "WorkingDir": "srv"}
        }"#;
        let state = apply(&State::scratch(), config).expect("valid");
        assert_eq!(
            state.variables(),
            [("PATH", "/bin:/x=y"), ("EMPTY", ""), ("NONE", "")]
        );
        assert_eq!(state.working_directory(), "/srv");
        let platform = state.own_platform().map(ToString::to_string);
        assert_eq!(platform.as_deref(), Some("linux/arm/v7"));
    }

    #[test]
    fn nulls_are_nothing() {
        let config = br#"{"os": "linux", "os.features": null, "config": {"Env": null}}"#;
        let state = apply(&State::scratch().dir("/a"), config).expect("valid");
        assert_eq!(state.working_directory(), "/a");
        assert_eq!(state.own_platform(), None);
    }

    #[test]
    fn refusals() {
        assert!(apply(&State::scratch(), b"[]").is_err());
        assert!(apply(&State::scratch(), br#"{"config": {"Env": 1}}"#).is_err());
    }
}
