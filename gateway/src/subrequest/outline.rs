//! The inputs of a target: arguments, secrets and so on.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::{Location, answer, table, texts};
use crate::build_result::BuildResult;

/// The answer to [`OUTLINE`](super::OUTLINE).
///
/// ```
/// use buildkit_gateway::subrequest::{Outline, OutlineArgument, OutlineSecret};
///
/// let outline = Outline::new("app")
///     .argument(OutlineArgument::new("VERSION").value("1.2"))
///     .secret(OutlineSecret::new("token").required());
/// assert_eq!(outline.to_string(), "\
/// TARGET: app
///
/// BUILD ARG   VALUE   DESCRIPTION
/// VERSION     1.2     
///
/// SECRET   REQUIRED
/// token    true
///
/// ");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Outline {
    /// The target's name; empty if it has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The target's description.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The build arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<OutlineArgument>,
    /// The secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<OutlineSecret>,
    /// The SSH agents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ssh: Vec<OutlineSecret>,
    /// The cache mounts.
    #[serde(rename = "cache", skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<OutlineCache>,
    /// The files that locations refer to.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "texts")]
    pub sources: Vec<Bytes>,
}

/// A build argument.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct OutlineArgument {
    /// The argument's name.
    pub name: String,
    /// The argument's description.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The value in this build.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// The location in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A secret, or an SSH agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct OutlineSecret {
    /// The ID by which the client provides it.
    pub name: String,
    /// Whether the build fails without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The location in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// A cache mount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutlineCache {
    /// The mount's ID.
    #[serde(rename = "ID")]
    pub id: String,
    /// The location in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl Outline {
    /// Creates the outline of a target.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Adds a build argument.
    pub fn argument(mut self, argument: OutlineArgument) -> Self {
        self.args.push(argument);
        self
    }

    /// Adds a secret.
    pub fn secret(mut self, secret: OutlineSecret) -> Self {
        self.secrets.push(secret);
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

impl OutlineArgument {
    /// Creates an argument with this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Sets the value in this build.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// Sets the description.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Sets the location in the file.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }
}

impl OutlineSecret {
    /// Creates a secret with this ID.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Makes the secret required.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Sets the location in the file.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }
}

/// Writes the tables in the format that clients print.
impl fmt::Display for Outline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() || !self.description.is_empty() {
            let name = Some(self.name.as_str()).filter(|name| !name.is_empty());
            let mut rows = vec![["TARGET:", name.unwrap_or("(default)")]];
            if !self.description.is_empty() {
                rows.push(["DESCRIPTION:", &self.description]);
            }
            writeln!(formatter, "{}", table(rows, 1))?;
        }
        if !self.args.is_empty() {
            let rows = self.args.iter();
            let rows = rows.map(|one| [one.name.as_str(), &one.value, &one.description]);
            let head = std::iter::once(["BUILD ARG", "VALUE", "DESCRIPTION"]);
            writeln!(formatter, "{}", table(head.chain(rows), 3))?;
        }
        for (title, list) in [("SECRET", &self.secrets), ("SSH", &self.ssh)] {
            if !list.is_empty() {
                let required = |one: &OutlineSecret| if one.required { "true" } else { "" };
                let rows = list.iter().map(|one| [one.name.as_str(), required(one)]);
                let head = std::iter::once([title, "REQUIRED"]);
                writeln!(formatter, "{}", table(head.chain(rows), 3))?;
            }
        }
        Ok(())
    }
}
