//! Why a project has no Stagefile.

use std::fmt;
use std::ops::Range;

use crate::{Project, SUPPORTED};

/// Why a project has no Stagefile: what is wrong, in which file, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What kind it is.
    pub kind: Kind,
    /// The path of the file that it is about.
    pub file: String,
    /// What is known of that file's text.
    pub text: String,
    /// The place in it, in bytes.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do, one after the other.
    pub help: Vec<String>,
}

/// What kind of mistake it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The file isn't what its name says.
    Invalid,
    /// The user has to decide something, or something is missing.
    Undecided,
    /// There are no rules for it.
    Unsupported,
}

/// Why a rule doesn't go on.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It has to see what matches these patterns.
    Look(Vec<String>),
    /// There will be no Stagefile.
    Mistake(Box<Mistake>),
}

impl From<Mistake> for Stop {
    fn from(mistake: Mistake) -> Self {
        Self::Mistake(Box::new(mistake))
    }
}

impl Mistake {
    /// Begins with a mistake in the manifest: of all of it, as it seems.
    pub(crate) fn new(project: &Project<'_>, kind: Kind, message: impl fmt::Display) -> Self {
        Self {
            kind,
            file: project.path.to_owned(),
            text: project.text.to_owned(),
            range: first_line(project.text),
            message: message.to_string(),
            help: Vec::new(),
        }
    }

    /// Begins with what the user has to decide.
    pub(crate) fn undecided(project: &Project<'_>, message: impl fmt::Display) -> Self {
        Self::new(project, Kind::Undecided, message)
    }

    /// Gives the place in the manifest, which is known if the text in it is.
    pub(crate) fn at(self, range: Option<Range<usize>>) -> Self {
        let range = range.unwrap_or(self.range);
        Self { range, ..self }
    }

    /// Says what to do.
    pub(crate) fn help(mut self, help: impl fmt::Display) -> Self {
        self.help.push(help.to_string());
        self
    }
}

/// Returns the place of the first line that says something.
fn first_line(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    let line = text[start..].lines().next().unwrap_or_default();
    start..start + line.trim_end().len()
}

/// Says that there are no rules for a language.
pub(crate) fn unsupported(project: &Project<'_>, language: &str) -> Mistake {
    let name = project.path.rsplit('/').next().unwrap_or(project.path);
    let message = format!("`{name}` ({language}) can't be built without a Stagefile");
    Mistake::new(project, Kind::Unsupported, message)
        .help(format!("of manifests, these can: {SUPPORTED}"))
        .help("write a Stagefile, which begins with `stages:`")
}

/// Says that a file is no manifest.
pub(crate) fn unknown(project: &Project<'_>) -> Mistake {
    let message = format!("`{}` is no manifest of a project", project.path);
    Mistake::new(project, Kind::Unsupported, message).help(format!("those are: {SUPPORTED}"))
}
