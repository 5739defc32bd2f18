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
    pub help: Vec<Help>,
}

/// Why a stage can't use what a manifest gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind it is.
    pub kind: Kind,
    /// What is wrong, where, and what to do, on one line.
    pub message: String,
}

/// What to do: a sentence, in which what the user gives is named as it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// The text before each of what is given, and after the last.
    texts: Vec<String>,
    given: Vec<Given>,
}

/// Something that the user may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// A build argument with a value.
    Arg(&'static str, &'static str),
    /// The manifest of this name in a module's folder.
    Module(String),
    /// The image of one of several programs.
    Target,
}

impl Help {
    /// Takes a sentence that names nothing to give.
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self::giving([text.to_string()], [])
    }

    /// Takes strings, and what is to be given between them.
    pub(crate) fn giving<T: Into<String>, const TEXTS: usize, const GIVEN: usize>(
        texts: [T; TEXTS],
        given: [Given; GIVEN],
    ) -> Self {
        Self {
            texts: texts.map(Into::into).to_vec(),
            given: given.into(),
        }
    }

    /// Words it for a build of the manifest itself.
    pub fn of_manifest(&self) -> String {
        self.worded(|given| match given {
            Given::Arg(name, value) => format!("`--build-arg {name}={value}`"),
            Given::Module(manifest) => format!("`-f MODULE/{manifest}`"),
            Given::Target => "build the image of one with `--target NAME`".to_owned(),
        })
    }

    /// Words it for a stage that uses what the manifest gives.
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
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help.push(Help::new(help));
        self
    }

    /// Says what to give: strings, and what stands between them.
    pub(crate) fn help_giving<T: Into<String>, const TEXTS: usize, const GIVEN: usize>(
        mut self,
        texts: [T; TEXTS],
        given: [Given; GIVEN],
    ) -> Self {
        self.help.push(Help::giving(texts, given));
        self
    }

    /// Describes it on one line, for a stage that uses what the manifest gives.
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
