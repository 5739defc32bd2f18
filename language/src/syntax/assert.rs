//! Assertions about a stage's image, as written.

use super::file::Name;
use super::{Command, FileFact, Output, Run};
use crate::expression::Text;
use crate::source::Span;

/// Assertions about a stage's image.
#[derive(Debug, Default)]
pub struct Assert {
    /// The location of the key.
    pub place: Option<Span>,
    /// Assertions about files, by path.
    pub files: Vec<(Text, FileFacts)>,
    /// Assertions about the config.
    pub image: Vec<ImageFact>,
    /// Assertions about programs.
    pub commands: Vec<CommandFacts>,
    /// The maximum size of all files together.
    pub size: Option<Text>,
}

/// Assertions about a file.
#[derive(Debug)]
pub enum FileFacts {
    /// `exists` or `absent`.
    Word(Text),
    /// Properties.
    Facts(Box<FileFact>),
}

/// An assertion about an image's config.
#[derive(Debug)]
pub enum ImageFact {
    /// The user.
    User(Text),
    /// The working directory.
    Workdir(Text),
    /// Environment variables; `None` for one that must not be set.
    Env(Vec<(Name, Option<Text>)>),
    /// The entrypoint, with its location.
    Entrypoint(Command, Span),
    /// The `cmd`, with its location.
    Cmd(Command, Span),
    /// All exposed ports, with their location.
    Expose(Vec<Text>, Span),
    /// All volumes, with their location.
    Volumes(Vec<Text>, Span),
    /// Labels; `None` for one that must not be set.
    Labels(Vec<(Name, Option<Text>)>),
    /// The stop signal.
    StopSignal(Text),
}

/// A program with its expected behavior.
#[derive(Debug)]
pub struct CommandFacts {
    /// The location of the whole.
    pub span: Span,
    /// The program, and its settings.
    pub run: Option<Run>,
    /// The exit code.
    pub exit_code: Option<Text>,
    /// The standard output.
    pub stdout: Output,
    /// The standard error.
    pub stderr: Output,
}
