//! Facts about a stage's image, as they are written.

use super::file::Name;
use super::{Command, FileFact, Output, Run};
use crate::expression::Text;
use crate::source::Span;

/// Facts about a stage's image.
#[derive(Debug, Default)]
pub struct Assert {
    /// The place of the key.
    pub place: Option<Span>,
    /// Facts about files, by path.
    pub files: Vec<(Text, FileFacts)>,
    /// Facts about the config.
    pub image: Vec<ImageFact>,
    /// Programs, and what they do.
    pub commands: Vec<CommandFacts>,
    /// The most that all files have together.
    pub size: Option<Text>,
}

/// Facts about a file.
#[derive(Debug)]
pub enum FileFacts {
    /// `exists` or `absent`.
    Word(Text),
    /// What it is.
    Facts(Box<FileFact>),
}

/// A fact about an image's config.
#[derive(Debug)]
pub enum ImageFact {
    /// Its user.
    User(Text),
    /// Its directory.
    Workdir(Text),
    /// Variables; `None` for one that isn't there.
    Env(Vec<(Name, Option<Text>)>),
    /// Its program, and the place of it.
    Entrypoint(Command, Span),
    /// Its arguments, and the place of them.
    Cmd(Command, Span),
    /// All ports, and the place of them.
    Expose(Vec<Text>, Span),
    /// All volumes, and the place of them.
    Volumes(Vec<Text>, Span),
    /// Labels; `None` for one that isn't there.
    Labels(Vec<(Name, Option<Text>)>),
    /// Its signal.
    StopSignal(Text),
}

/// A program, and what it does.
#[derive(Debug)]
pub struct CommandFacts {
    /// The place of the whole.
    pub span: Span,
    /// The program, and how it runs.
    pub run: Option<Run>,
    /// How it ends.
    pub exit_code: Option<Text>,
    /// What it writes.
    pub stdout: Output,
    /// What it complains of.
    pub stderr: Output,
}
