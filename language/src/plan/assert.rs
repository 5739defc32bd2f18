//! Facts about a stage's image.

use stagefile_runner::Wanted;

use super::{Command, Run};
use crate::source::Span;

/// Facts about a stage's image, which must hold before it may be used.
#[derive(Debug, Default)]
pub struct Assertions {
    /// The places that assert something, with those that use the templates that they are of.
    pub places: Vec<Span>,
    /// Facts about files.
    pub files: Vec<Asserted<FileFact>>,
    /// Facts about the config.
    pub image: Vec<Asserted<ImageFact>>,
    /// Programs with what they are expected to do.
    pub commands: Vec<Asserted<Run>>,
}

/// Something that is asserted, and where.
#[derive(Debug)]
pub struct Asserted<T> {
    /// What is asserted.
    pub fact: T,
    /// The place that says so.
    pub span: Span,
    /// The places that use the template that it is of, the outermost first.
    pub uses: Vec<Span>,
}

/// A fact about a file.
#[derive(Debug)]
pub struct FileFact {
    /// The path, which may have wildcards; a relative one starts at the workdir.
    pub path: String,
    /// What it is to be.
    pub wanted: Wanted,
}

/// A fact about an image's config.
#[derive(Debug)]
pub enum ImageFact {
    /// Its user; empty for none.
    User(String),
    /// Its directory; a relative path starts at the workdir.
    Workdir(String),
    /// A variable; `None` if it isn't to be there.
    Env(String, Option<String>),
    /// Its program.
    Entrypoint(Command),
    /// Its arguments.
    Cmd(Command),
    /// All its ports, as `8080/tcp`.
    Expose(Vec<String>),
    /// All its volumes; relative paths start at the workdir.
    Volumes(Vec<String>),
    /// A label; `None` if it isn't to be there.
    Label(String, Option<String>),
    /// Its signal; empty for none.
    StopSignal(String),
}

impl Assertions {
    /// Adds what another place says.
    pub fn extend(&mut self, other: Self) {
        self.places.extend(other.places);
        self.files.extend(other.files);
        self.image.extend(other.image);
        self.commands.extend(other.commands);
    }
}
