//! A step: one action and its options.

use super::{
    Bind, Device, GitOrigin, HttpOrigin, Name, Origin, Retry, Settings, TemplateUse, Tmpfs,
};
use crate::expression::Text;
use crate::source::Span;

/// A step.
#[derive(Debug)]
pub struct Step {
    /// The place of the whole step.
    pub span: Span,
    /// What the progress output calls it.
    pub name: Option<Text>,
    /// Whether it is done.
    pub condition: Option<Text>,
    /// What is done.
    pub action: Action,
}

/// What a step does.
#[derive(Debug)]
pub enum Action {
    /// Runs a program.
    Run(Box<Run>),
    /// Copies files.
    Copy(Box<Copy>),
    /// Writes a file.
    Write(Write),
    /// Makes directories.
    Mkdir(Mkdir),
    /// Removes files.
    Remove(Remove),
    /// Makes a symbolic link.
    Symlink(Symlink),
    /// Does branches of steps at the same time.
    Parallel(Vec<Vec<Step>>),
    /// Does the steps of a template.
    Use(TemplateUse),
    /// Downloads a file.
    Fetch(Box<Fetch>),
    /// Takes the files of a repository.
    Git(Box<Git>),
}

/// A program: a string for a shell, or the program with its arguments.
#[derive(Debug)]
pub enum Command {
    /// For a shell.
    Script(Text),
    /// As it is.
    Arguments(Vec<Text>, Span),
}

impl Default for Command {
    fn default() -> Self {
        Self::Arguments(Vec::new(), Span::default())
    }
}

impl Command {
    /// Returns the place.
    pub fn span(&self) -> Span {
        match self {
            Self::Script(text) => text.span(),
            Self::Arguments(_, span) => *span,
        }
    }
}

/// Runs a program.
#[derive(Debug, Default)]
pub struct Run {
    /// The program.
    pub command: Command,
    /// What it runs in, in the place of its stage.
    pub within: Option<Origin>,
    /// Whether its changes are kept.
    pub keep: Option<Text>,
    /// How it runs.
    pub settings: Settings,
    /// Paths of the context that it sees.
    pub bind: Vec<Bind>,
    /// Directories in memory.
    pub tmpfs: Vec<Tmpfs>,
    /// Names for directories that it fills.
    pub outputs: Vec<(Name, Text)>,
    /// The host name that it sees.
    pub hostname: Option<Text>,
    /// Whether it runs without a sandbox.
    pub privileged: Option<Text>,
    /// Devices that it sees.
    pub devices: Vec<Device>,
    /// The control group below which it runs.
    pub cgroup_parent: Option<Text>,
    /// The exit codes that count as success.
    pub exit_codes: Vec<Text>,
    /// How long it may take.
    pub timeout: Option<Text>,
    /// When it is tried again.
    pub retry: Option<Retry>,
    /// Whether it is never taken from the cache.
    pub always: Option<Text>,
    /// After how much time it runs again.
    pub every: Option<Text>,
}

/// Copies files.
#[derive(Debug)]
pub struct Copy {
    /// What.
    pub paths: Vec<Text>,
    /// From where.
    pub from: Option<Origin>,
    /// To where.
    pub to: Option<Text>,
    /// Patterns of what is copied.
    pub include: Vec<Text>,
    /// Patterns of what isn't.
    pub exclude: Vec<Text>,
    /// Whether paths keep their directories.
    pub parents: Option<Text>,
    /// Whose the copies are.
    pub owner: Option<Text>,
    /// Their mode.
    pub mode: Option<Text>,
    /// Whether the paths may be patterns.
    pub glob: Option<Text>,
    /// Whether a named link is copied as what it points to.
    pub follow: Option<Text>,
    /// Whether a pattern may match nothing.
    pub optional: Option<Text>,
    /// Whether archives are unpacked.
    pub unpack: Option<Text>,
    /// Which times the copies have.
    pub times: Option<Text>,
}

/// Downloads a file.
#[derive(Debug)]
pub struct Fetch {
    /// The file, which has no name of its own here.
    pub source: HttpOrigin,
    /// To where.
    pub to: Option<Text>,
    /// Whose it is.
    pub owner: Option<Text>,
    /// Its mode.
    pub mode: Option<Text>,
}

/// Takes the files of a repository.
#[derive(Debug)]
pub struct Git {
    /// The repository.
    pub source: GitOrigin,
    /// To where.
    pub to: Option<Text>,
}

/// Writes a file.
#[derive(Debug)]
pub struct Write {
    /// The file.
    pub path: Text,
    /// What it holds.
    pub content: Content,
    /// Whose it is.
    pub owner: Option<Text>,
    /// Its mode.
    pub mode: Option<Text>,
}

/// What a written file holds.
#[derive(Debug)]
pub enum Content {
    /// A string.
    Text(Text),
    /// Data, written as JSON.
    Json(Data),
    /// Data, written as YAML.
    Yaml(Data),
}

/// Any data.
#[derive(Debug)]
pub enum Data {
    /// A string, number, boolean or null.
    Scalar(Text),
    /// A list.
    List(Vec<Data>),
    /// A mapping.
    Mapping(Vec<(Name, Data)>),
}

/// Makes directories.
#[derive(Debug)]
pub struct Mkdir {
    /// The directories.
    pub paths: Vec<Text>,
    /// Whose they are.
    pub owner: Option<Text>,
    /// Their mode.
    pub mode: Option<Text>,
}

/// Removes files.
#[derive(Debug)]
pub struct Remove {
    /// What.
    pub paths: Vec<Text>,
    /// Whether they need not exist.
    pub optional: Option<Text>,
    /// Whether the paths are patterns.
    pub glob: Option<Text>,
}

/// Makes a symbolic link.
#[derive(Debug)]
pub struct Symlink {
    /// Where the link is.
    pub path: Text,
    /// What it points to.
    pub target: Text,
    /// Whose it is.
    pub owner: Option<Text>,
}
