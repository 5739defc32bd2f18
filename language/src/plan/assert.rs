//! Assertions about a stage's image.

use stagefile_runner::Wanted;

use super::{Command, Run};
use crate::source::Span;

/// Assertions about a stage's image, which must hold before it may be used.
#[derive(Debug, Default)]
pub struct Assertions {
    /// The locations of the assertions, including the uses of their templates.
    pub places: Vec<Span>,
    /// Assertions about files.
    pub files: Vec<Asserted<FileFact>>,
    /// Assertions about the config.
    pub image: Vec<Asserted<ImageFact>>,
    /// Programs with their expected behavior.
    pub commands: Vec<Asserted<Run>>,
}

/// An assertion, with its location.
#[derive(Debug)]
pub struct Asserted<T> {
    /// What is asserted.
    pub fact: T,
    /// The location.
    pub span: Span,
    /// The uses of its template, the outermost first.
    pub uses: Vec<Span>,
}

/// An assertion about a file.
#[derive(Debug)]
pub struct FileFact {
    /// The path, which may have wildcards; a relative one is resolved against the workdir.
    pub path: String,
    /// The expected property.
    pub wanted: Wanted,
}

/// An assertion about an image's config.
#[derive(Debug)]
pub enum ImageFact {
    /// The user; empty for none.
    User(String),
    /// The working directory; a relative path is resolved against the workdir.
    Workdir(String),
    /// A variable; `None` if it must not be set.
    Env(String, Option<String>),
    /// The entrypoint.
    Entrypoint(Command),
    /// The `cmd`.
    Cmd(Command),
    /// All exposed ports, as `8080/tcp`.
    Expose(Vec<String>),
    /// All volumes; relative paths are resolved against the workdir.
    Volumes(Vec<String>),
    /// A label; `None` if it must not be set.
    Label(String, Option<String>),
    /// The stop signal; empty for none.
    StopSignal(String),
}

impl Assertions {
    /// Adds assertions from another place.
    pub fn extend(&mut self, other: Self) {
        self.places.extend(other.places);
        self.files.extend(other.files);
        self.image.extend(other.image);
        self.commands.extend(other.commands);
    }
}
