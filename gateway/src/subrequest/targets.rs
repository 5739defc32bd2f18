//! What may be built.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::{Location, answer, table, texts};
use crate::build_result::BuildResult;

/// The answer to [`TARGETS`](super::TARGETS).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Targets {
    /// What may be built, in the order of the file.
    pub targets: Vec<Target>,
    /// The files that places are in.
    #[serde(serialize_with = "texts")]
    pub sources: Vec<Bytes>,
}

/// Something that a client can name with `--target`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Target {
    /// What clients call it; empty for a target that can only be the default.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether it is built if no target is named.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it is made on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub base: String,
    /// What it is made for, if that is always the same.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl Targets {
    /// Adds a target.
    pub fn target(mut self, target: Target) -> Self {
        self.targets.push(target);
        self
    }

    /// Adds a file that places are in.
    pub fn source(mut self, text: impl Into<Bytes>) -> Self {
        self.sources.push(text.into());
        self
    }

    /// Makes the answer.
    pub fn answer(&self) -> BuildResult {
        answer(self)
    }
}

impl Target {
    /// Makes a target of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Says what it is for.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Says that it is built if no target is named.
    pub fn as_default(mut self) -> Self {
        self.default = true;
        self
    }

    /// Says what it is made on.
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// Says where it is written.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }
}

/// Writes the table that clients print.
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
