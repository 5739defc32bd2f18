//! `version`: which frontend answers.

use serde_json::{Value, json};

/// Returns the name and version, for programs and for people.
pub fn version() -> (Value, String) {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let json = json!({ "name": name, "version": version });
    (json, format!("{name} {version}\n"))
}
