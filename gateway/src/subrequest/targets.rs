//! The targets of a file.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::{Location, answer, table, texts};
use crate::build_result::BuildResult;

/// The answer to [`TARGETS`](super::TARGETS).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Targets {
    /// The targets, in the order of the file.
    pub targets: Vec<Target>,
    /// The files that locations refer to.
    #[serde(serialize_with = "texts")]
    pub sources: Vec<Bytes>,
}

/// A target that a client can select with `--target`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Target {
    /// The name; empty for a target that can only be the default.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether it is built if the client selects no target.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// The description.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The base image.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub base: String,
    /// The platform, if it is always the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// The location in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl Targets {
    /// Adds a target.
    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Adds a file that locations refer to.
    pub fn source(mut self, text: impl Into<Bytes>) -> Self {
        self.sources.push(text.into());
        self
    }

    /// Creates the answer.
    pub fn answer(&self) -> BuildResult {
        answer(self)
    }
}

impl Target {
    /// Creates a target with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Sets the description.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Makes the target the default.
    pub fn as_default(mut self) -> Self {
        self.default = true;
        self
    }

    /// Sets the base image.
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// Sets the location in the file.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }
}

/// Writes the table in the format that clients print.
impl fmt::Display for Targets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.targets.iter().map(|target| {
            let name = match (target.name.as_str(), target.default) {
                ("", true) => "(default)".to_owned(),
                (name, true) => format!("{name} (default)"),
                (name, false) => name.to_owned(),
            };
            [name, target.description.clone()]
        });
        let head = ["TARGET", "DESCRIPTION"].map(str::to_owned);
        formatter.write_str(&table(std::iter::once(head).chain(rows), 1))
    }
}
