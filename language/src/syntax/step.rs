//! Steps: an action and its options.

use super::{
    Bind, Device, GitOrigin, HttpOrigin, Name, Origin, Retry, Settings, TemplateUse, Tmpfs,
};
use crate::expression::Text;
use crate::source::Span;

/// A step.
#[derive(Debug)]
pub struct Step {
    /// The location of the whole step.
    pub span: Span,
    /// The name in progress output.
    pub name: Option<Text>,
    /// The condition.
    pub condition: Option<Text>,
    /// The action.
    pub action: Action,
}

/// The action of a step.
#[derive(Debug)]
pub enum Action {
    /// Runs a program.
    Run(Box<Run>),
    /// Copies files.
    Copy(Box<Copy>),
    /// Writes a file.
    Write(Write),
    /// Creates directories.
    Mkdir(Mkdir),
    /// Removes files.
    Remove(Remove),
    /// Creates a symbolic link.
    Symlink(Symlink),
    /// Runs branches of steps in parallel.
    Parallel(Vec<Vec<Step>>),
    /// Runs the steps of a template.
    Use(TemplateUse),
    /// Downloads a file.
    Fetch(Box<Fetch>),
    /// Checks out a repository.
    Git(Box<Git>),
}

/// A command: a string for a shell, or the program with its arguments.
#[derive(Debug)]
pub enum Command {
    /// A script for a shell.
    Script(Text),
    /// A program with its arguments.
    Arguments(Vec<Text>, Span),
}

impl Default for Command {
    fn default() -> Self {
        Self::Arguments(Vec::new(), Span::default())
    }
}

impl Command {
    /// Returns the location.
    pub fn span(&self) -> Span {
        match self {
            Self::Script(text) => text.span(),
            Self::Arguments(_, span) => *span,
        }
    }
}

/// A step that runs a program.
#[derive(Debug, Default)]
pub struct Run {
    /// The program.
    pub command: Command,
    /// The image or stage that it runs in, instead of its own stage.
    pub within: Option<Origin>,
    /// Whether its changes are kept.
    pub keep: Option<Text>,
    /// The settings.
    pub settings: Settings,
    /// Mounted paths of the context.
    pub bind: Vec<Bind>,
    /// Mounts in memory (tmpfs).
    pub tmpfs: Vec<Tmpfs>,
    /// Names for directories that it writes.
    pub outputs: Vec<(Name, Text)>,
    /// The host name.
    pub hostname: Option<Text>,
    /// Whether it runs without a sandbox.
    pub privileged: Option<Text>,
    /// The devices.
    pub devices: Vec<Device>,
    /// The parent of its control group.
    pub cgroup_parent: Option<Text>,
    /// The exit codes that count as success.
    pub exit_codes: Vec<Text>,
    /// The time limit.
    pub timeout: Option<Text>,
    /// When it is tried again.
    pub retry: Option<Retry>,
    /// Whether it is never taken from the cache.
    pub always: Option<Text>,
    /// The interval after which it runs again.
    pub every: Option<Text>,
}

/// A step that copies files.
#[derive(Debug)]
pub struct Copy {
    /// The paths.
    pub paths: Vec<Text>,
    /// The source.
    pub from: Option<Origin>,
    /// The destination.
    pub to: Option<Text>,
    /// Patterns of the files that are copied.
    pub include: Vec<Text>,
    /// Patterns of the files that aren't.
    pub exclude: Vec<Text>,
    /// Whether paths keep their parent directories.
    pub parents: Option<Text>,
    /// The owner of the copies.
    pub owner: Option<Text>,
    /// The mode of the copies.
    pub mode: Option<Text>,
    /// Whether the paths may be patterns.
    pub glob: Option<Text>,
    /// Whether a link given as a path is followed.
    pub follow: Option<Text>,
    /// Whether a pattern may match nothing.
    pub optional: Option<Text>,
    /// Whether archives are unpacked.
    pub unpack: Option<Text>,
    /// The timestamps of the copies.
    pub times: Option<Text>,
}

/// A step that downloads a file.
#[derive(Debug)]
pub struct Fetch {
    /// The file, without a file name.
    pub source: HttpOrigin,
    /// The destination.
    pub to: Option<Text>,
    /// The owner.
    pub owner: Option<Text>,
    /// The mode.
    pub mode: Option<Text>,
}

/// A step that checks out a repository.
#[derive(Debug)]
pub struct Git {
    /// The repository.
    pub source: GitOrigin,
    /// The destination.
    pub to: Option<Text>,
}

/// A step that writes a file.
#[derive(Debug)]
pub struct Write {
    /// The path.
    pub path: Text,
    /// The content.
    pub content: Content,
    /// The owner.
    pub owner: Option<Text>,
    /// The mode.
    pub mode: Option<Text>,
}

/// The content of a file.
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

/// A step that creates directories.
#[derive(Debug)]
pub struct Mkdir {
    /// The directories.
    pub paths: Vec<Text>,
    /// The owner.
    pub owner: Option<Text>,
    /// The mode.
    pub mode: Option<Text>,
}

/// A step that removes files.
#[derive(Debug)]
pub struct Remove {
    /// The paths.
    pub paths: Vec<Text>,
    /// Whether the paths may be missing.
    pub optional: Option<Text>,
    /// Whether the paths are patterns.
    pub glob: Option<Text>,
}

/// A step that creates a symbolic link.
#[derive(Debug)]
pub struct Symlink {
    /// The path of the link.
    pub path: Text,
    /// The target.
    pub target: Text,
    /// The owner.
    pub owner: Option<Text>,
}
