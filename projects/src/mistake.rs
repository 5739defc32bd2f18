//! Reasons why no Stagefile can be generated.

use std::fmt;
use std::ops::Range;

use crate::{Project, SUPPORTED};

/// The reason why no Stagefile can be generated: what is wrong, in which file, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The kind of mistake.
    pub kind: Kind,
    /// The path of the file.
    pub file: String,
    /// The known part of that file's text.
    pub text: String,
    /// The byte range in the text.
    pub range: Range<usize>,
    /// The message.
    pub message: String,
    /// What to do, in order.
    pub help: Vec<Help>,
}

/// The reason why a stage can't use the result of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of mistake.
    pub kind: Kind,
    /// What is wrong, where, and what to do, on one line.
    pub message: String,
}

/// What to do: a sentence with placeholders for values that the user provides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// The texts before each value, and after the last one.
    texts: Vec<String>,
    given: Vec<Given>,
}

/// A value that the user may provide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// A build argument with a value.
    Arg(&'static str, &'static str),
    /// The manifest with this name in a module's directory.
    Module(String),
    /// The image of one of several programs.
    Target,
}

impl Help {
    /// Creates a sentence without values.
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self::giving([text.to_string()], [])
    }

    /// Creates a sentence from texts, and the values between them.
    pub(crate) fn giving<T: Into<String>, const TEXTS: usize, const GIVEN: usize>(
        texts: [T; TEXTS],
        given: [Given; GIVEN],
    ) -> Self {
        Self {
            texts: texts.map(Into::into).to_vec(),
            given: given.into(),
        }
    }

    /// Formats the sentence for a build of the manifest itself.
    pub fn of_manifest(&self) -> String {
        self.worded(|given| match given {
            Given::Arg(name, value) => format!("`--build-arg {name}={value}`"),
            Given::Module(manifest) => format!("`-f MODULE/{manifest}`"),
            Given::Target => "build the image of one with `--target NAME`".to_owned(),
        })
    }

    /// Formats the sentence for a stage that uses the result of the manifest.
    pub fn of_stage(&self) -> String {
        self.worded(|given| match given {
            Given::Arg(name, value) => {
                format!("`with: {{ {name}: {} }}`", value.trim_matches('\''))
            }
            Given::Target => "take one in a stage of its own".to_owned(),
            Given::Module(_) => "`with: { dir: FOLDER }`, the module's".to_owned(),
        })
    }

    fn worded(&self, word: impl Fn(&Given) -> String) -> String {
        let mut given = self.given.iter();
        let texts = self.texts.iter();
        texts.fold(String::new(), |all, text| {
            let one = given.next().map(&word);
            all + text + &one.unwrap_or_default()
        })
    }
}

/// The kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The file's content doesn't match its name.
    Invalid,
    /// The user has to decide something, or something is missing.
    Undecided,
    /// There are no rules for it.
    Unsupported,
}

/// The reason why a rule stops.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It needs files that match these patterns.
    Look(Vec<String>),
    /// No Stagefile can be generated.
    Mistake(Box<Mistake>),
}

impl From<Mistake> for Stop {
    fn from(mistake: Mistake) -> Self {
        Self::Mistake(Box::new(mistake))
    }
}

impl Mistake {
    /// Creates a mistake about the whole manifest.
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

    /// Creates a mistake about what the user has to decide.
    pub(crate) fn undecided(project: &Project<'_>, message: impl fmt::Display) -> Self {
        Self::new(project, Kind::Undecided, message)
    }

    /// Sets the range in the manifest, if it is known.
    pub(crate) fn at(self, range: Option<Range<usize>>) -> Self {
        let range = range.unwrap_or(self.range);
        Self { range, ..self }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help.push(Help::new(help));
        self
    }

    /// Adds what to do, as texts and the values between them.
    pub(crate) fn help_giving<T: Into<String>, const TEXTS: usize, const GIVEN: usize>(
        mut self,
        texts: [T; TEXTS],
        given: [Given; GIVEN],
    ) -> Self {
        self.help.push(Help::giving(texts, given));
        self
    }

    /// Formats the mistake on one line, for a stage that uses the result of the manifest.
    pub(crate) fn of_stage(&self) -> Refusal {
        let line = self.text.get(..self.range.start).unwrap_or_default();
        let line = line.matches('\n').count() + 1;
        let help: Vec<String> = self.help.iter().map(Help::of_stage).collect();
        let dash = if help.is_empty() { "" } else { ": " };
        let message = format!(
            "{}:{line}: {}{dash}{}",
            self.file,
            self.message,
            help.join("; ")
        );
        Refusal {
            kind: self.kind,
            message,
        }
    }
}

/// Returns the range of the first non-empty line.
fn first_line(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    let line = text[start..].lines().next().unwrap_or_default();
    start..start + line.trim_end().len()
}

/// Returns the error for a language without rules.
pub(crate) fn unsupported(project: &Project<'_>, language: &str) -> Mistake {
    let name = project.path.rsplit('/').next().unwrap_or(project.path);
    let message = format!("`{name}` ({language}) can't be built without a Stagefile");
    Mistake::new(project, Kind::Unsupported, message)
        .help(format!("of manifests, these can: {SUPPORTED}"))
        .help("write a Stagefile, which begins with `stages:`")
}

/// Returns the error for a file that isn't a manifest.
pub(crate) fn unknown(project: &Project<'_>) -> Mistake {
    let message = format!("`{}` is no manifest of a project", project.path);
    Mistake::new(project, Kind::Unsupported, message).help(format!("those are: {SUPPORTED}"))
}
