//! The list of supported subrequests.

use std::fmt;

use serde::Serialize;

use super::{DESCRIBE, LINT, OUTLINE, TARGETS, VERSION, answer, table};
use crate::build_result::BuildResult;

/// The answer to [`DESCRIBE`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[must_use]
pub struct Description {
    /// The supported subrequests.
    pub subrequests: Vec<Subrequest>,
}

/// A supported subrequest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Subrequest {
    name: String,
    version: String,
    #[serde(rename = "type")]
    kind: &'static str,
    description: String,
    opts: Option<Vec<Named>>,
    inputs: Option<Vec<Named>>,
    metadata: Vec<Named>,
    refs: Option<Vec<Named>>,
}

/// A name and a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Named {
    name: String,
    description: String,
}

impl Named {
    fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
        }
    }
}

impl Subrequest {
    /// Describes a subrequest. For those that this crate knows, [`Subrequest::known`] has Docker's
    /// descriptions.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: VERSION.to_owned(),
            kind: "rpc",
            description: description.into(),
            opts: Some(Vec::new()),
            inputs: None,
            metadata: ["result.json", "result.txt"]
                .map(|name| Named::new(name, ""))
                .into(),
            refs: None,
        }
    }

    /// Describes a subrequest, given its name, like Docker's frontend.
    pub fn known(name: &str) -> Self {
        match name {
            OUTLINE => Self::new(name, "List all parameters current build target supports")
                .option("target", "Target build stage"),
            TARGETS => Self::new(name, "List all targets current build supports"),
            LINT => {
                let mut subrequest = Self::new(name, "Lint a Dockerfile");
                let status = Named::new("result.statuscode", "");
                subrequest.metadata.push(status);
                subrequest
            }
            DESCRIBE => Self {
                opts: None,
                ..Self::new(name, "List available subrequest types")
            },
            other => Self::new(other, ""),
        }
    }

    /// Adds an option of the client that the answer depends on.
    pub fn option(mut self, name: impl Into<String>, description: impl Into<String>) -> Self {
        let option = Named::new(name, description);
        self.opts.get_or_insert_default().push(option);
        self
    }
}

impl Description {
    /// Describes subrequests, given their names, including this one.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().filter(|name| *name != DESCRIBE);
        let subrequests = names.chain([DESCRIBE]).map(Subrequest::known);
        Self {
            subrequests: subrequests.collect(),
        }
    }

    /// Adds a subrequest.
    pub fn subrequest(mut self, subrequest: Subrequest) -> Self {
        self.subrequests.push(subrequest);
        self
    }

    /// Creates the answer.
    pub fn answer(&self) -> BuildResult {
        answer(self)
    }
}

/// Writes the table that clients print.
impl fmt::Display for Description {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.subrequests.iter().map(|subrequest| {
            let name = subrequest.name.strip_prefix("frontend.");
            let name = name.unwrap_or(&subrequest.name);
            [name, subrequest.version.as_str(), &subrequest.description]
        });
        let head = std::iter::once(["NAME", "VERSION", "DESCRIPTION"]);
        formatter.write_str(&table(head.chain(rows), 1))
    }
}
