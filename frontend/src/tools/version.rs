//! `version`: the version of the frontend.

use serde_json::{Value, json};

/// Returns the name and version, as JSON and as text.
pub fn version() -> (Value, String) {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let json = json!({ "name": name, "version": version });
    (json, format!("{name} {version}\n"))
}
