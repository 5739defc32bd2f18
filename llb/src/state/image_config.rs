//! State settings from an image's configuration.

use serde_json::{Map, Value};
use thiserror::Error;

use super::State;
use crate::platform::Platform;

/// The error returned when an image's configuration can't be parsed: it is not JSON, or a field
/// that is needed here has another type than in the OCI specification.
#[derive(Debug, Error)]
#[error("the image's configuration is not valid JSON of an OCI image")]
pub struct ImageConfigError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// The fields of an object.
struct Fields(Map<String, Value>);

impl Fields {
    /// Removes and returns a field; null counts as missing.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &str) -> Result<String, ImageConfigError> {
        match self.take(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(mismatch(name, "a string")),
        }
    }

    fn texts(&mut self, name: &str) -> Result<Vec<String>, ImageConfigError> {
        let wrong = || mismatch(name, "a list of strings");
        let items = match self.take(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => return Err(wrong()),
        };
        let text = |item| match item {
            Value::String(text) => Ok(text),
            _ => Err(wrong()),
        };
        items.into_iter().map(text).collect()
    }

    fn object(&mut self, name: &str) -> Result<Self, ImageConfigError> {
        match self.take(name) {
            None => Ok(Self(Map::new())),
            Some(Value::Object(fields)) => Ok(Self(fields)),
            Some(_) => Err(mismatch(name, "an object")),
        }
    }
}

fn mismatch(field: &str, wanted: &str) -> ImageConfigError {
    ImageConfigError(format!("`{field}` must be {wanted}").into())
}

/// Applies a configuration (`WithImageConfig` in `client/llb/state.go`).
pub(super) fn apply(state: &State, config: &[u8]) -> Result<State, ImageConfigError> {
    let fields = serde_json::from_slice(config);
    let mut image = Fields(fields.map_err(|error| ImageConfigError(error.into()))?);
    let mut config = image.object("config")?;
    let mut state = state.clone();
    for variable in config.texts("Env")? {
        let (name, value) = variable.split_once('=').unwrap_or((&variable, ""));
        if !name.is_empty() {
            state = state.env(name, value);
        }
    }
    state = state.dir(config.text("WorkingDir")?);
    let platform = Platform {
        os: image.text("os")?,
        architecture: image.text("architecture")?,
        variant: image.text("variant")?,
        os_version: image.text("os.version")?,
        os_features: image.texts("os.features")?,
    };
    if !platform.architecture.is_empty() && !platform.os.is_empty() {
        state = state.platform(&platform);
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
            state.get_envs().iter().collect::<Vec<_>>(),
            [("PATH", "/bin:/x=y"), ("EMPTY", ""), ("NONE", "")]
        );
        assert_eq!(state.get_dir(), "/srv");
        let platform = state.get_platform().map(ToString::to_string);
        assert_eq!(platform.as_deref(), Some("linux/arm/v7"));
    }

    #[test]
    fn nulls_are_nothing() {
        let config = br#"{"os": "linux", "os.features": null, "config": {"Env": null}}"#;
        let state = apply(&State::scratch().dir("/a"), config).expect("valid");
        assert_eq!(state.get_dir(), "/a");
        assert_eq!(state.get_platform(), None);
    }

    #[test]
    fn refusals() {
        assert!(apply(&State::scratch(), b"[]").is_err());
        for (config, message) in [
            (
                r#"{"config": {"Env": 1}}"#,
                "`Env` must be a list of strings",
            ),
            (
                r#"{"config": {"Env": [1]}}"#,
                "`Env` must be a list of strings",
            ),
            (r#"{"config": []}"#, "`config` must be an object"),
            (r#"{"os": 1}"#, "`os` must be a string"),
        ] {
            let error = apply(&State::scratch(), config.as_bytes()).expect_err(config);
            assert_eq!(error.0.to_string(), message);
        }
    }
}
