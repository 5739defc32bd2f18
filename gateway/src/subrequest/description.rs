//! Which questions can be asked.

use std::fmt;

use serde::Serialize;

use super::{DESCRIBE, LINT, OUTLINE, TARGETS, VERSION, answer, table};
use crate::build_result::BuildResult;

/// The answer to [`DESCRIBE`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
#[must_use]
pub struct Description {
    /// The questions.
    pub questions: Vec<Question>,
}

/// A question that can be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Question {
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

/// Something that has a name, and says what it is.
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

impl Question {
    /// Describes a question. Of those that this crate knows, [`Question::known`] has Docker's words.
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

    /// Describes a question by its name, as Docker's frontend does.
    pub fn known(name: &str) -> Self {
        match name {
            OUTLINE => Self::new(name, "List all parameters current build target supports")
                .option("target", "Target build stage"),
            TARGETS => Self::new(name, "List all targets current build supports"),
            LINT => {
                let mut question = Self::new(name, "Lint a Dockerfile");
                let status = Named::new("result.statuscode", "");
                question.metadata.push(status);
                question
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
    /// Describes questions by their names, this one among them.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().filter(|name| *name != DESCRIBE);
        let questions = names.chain([DESCRIBE]).map(Question::known);
        Self {
            questions: questions.collect(),
        }
    }

    /// Adds a question.
    pub fn question(mut self, question: Question) -> Self {
        self.questions.push(question);
        self
    }

    /// Makes the answer.
    pub fn answer(&self) -> BuildResult {
        answer(self)
    }
}

/// Writes the table that clients print.
impl fmt::Display for Description {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.questions.iter().map(|question| {
            let name = question.name.strip_prefix("frontend.");
            let name = name.unwrap_or(&question.name);
            [name, question.version.as_str(), &question.description]
        });
        let head = std::iter::once(["NAME", "VERSION", "DESCRIPTION"]);
        formatter.write_str(&table(head.chain(rows), 1))
    }
}
