//! Parsed instructions (`frontend/dockerfile/instructions`).

mod flags;
mod healthcheck;
mod mount;
mod parse;
mod run;
mod transfer;

pub use mount::{Mount, MountKind, Sharing};
pub(crate) use parse::{Contents, read_trigger};
pub use parse::{KEYWORDS, is_stage_name};

use std::borrow::Cow;

use crate::lines::Lines;
use crate::mistake::Mistake;
use crate::parser::Heredoc;
use crate::text::Text;
use buildkit_gateway::image_config::Healthcheck;

/// A stage: its base, and its instructions.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Stage {
    /// The stage's name, in lower case; empty if it has none.
    pub name: Text,
    /// The base, as written.
    pub base: Text,
    /// The platform, as written; empty if there is none.
    pub platform: Text,
    /// The description from the comment before the stage.
    pub description: String,
    /// The keyword, as written.
    pub keyword: Cow<'static, str>,
    /// The instruction, with continuation lines joined.
    pub code: Text,
    /// The lines of the instruction.
    pub lines: Lines,
    /// The comments before the instruction.
    pub comments: Vec<String>,
    /// The instructions of the stage.
    pub instructions: Vec<Instruction>,
}

/// An instruction of a stage.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Instruction {
    /// What the instruction does.
    pub kind: InstructionKind,
    /// The keyword, as written.
    pub keyword: Cow<'static, str>,
    /// The instruction, with continuation lines joined.
    pub code: Text,
    /// The lines of the instruction, including heredocs.
    pub lines: Lines,
    /// The comments before the instruction.
    pub comments: Vec<String>,
}

impl Instruction {
    /// Parses an `ONBUILD` trigger, for a stage whose `FROM` is at these lines.
    ///
    /// ```
    /// use buildkit_dockerfile::{Instruction, InstructionKind, Lines};
    ///
    /// let read = Instruction::of_trigger("USER node", Lines::one(1))?;
    /// assert!(matches!(read.kind, InstructionKind::User(user) if user == "node"));
    /// # Ok::<(), buildkit_dockerfile::Mistake>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the trigger, located at those lines.
    pub fn of_trigger(text: &str, lines: Lines) -> Result<Self, Mistake> {
        read_trigger(text, lines)
    }
}

/// The kind and arguments of an instruction. Texts are as written, without expansion.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum InstructionKind {
    /// `ADD`.
    Add(Transfer),
    /// `ARG`.
    Arg(Vec<Argument>),
    /// `CMD`.
    Cmd(CommandLine),
    /// `COPY`.
    Copy(Transfer),
    /// `ENTRYPOINT`.
    Entrypoint(CommandLine),
    /// `ENV`.
    Env(Vec<Pair>),
    /// `EXPOSE`.
    Expose(Vec<Text>),
    /// `HEALTHCHECK`.
    Healthcheck(Healthcheck),
    /// `LABEL`.
    Label(Vec<Pair>),
    /// `MAINTAINER`.
    Maintainer(Text),
    /// `ONBUILD`, with its trigger.
    OnBuild(String),
    /// `RUN`.
    Run(Run),
    /// `SHELL`.
    Shell(Vec<Text>),
    /// `STOPSIGNAL`.
    StopSignal(Text),
    /// `USER`.
    User(Text),
    /// `VOLUME`.
    Volume(Vec<Text>),
    /// `WORKDIR`.
    Workdir(Text),
}

/// A name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: Text,
    /// The value.
    pub value: Text,
    /// Whether they are written in the legacy form, separated by white space.
    pub legacy: bool,
}

/// A build argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The name.
    pub name: String,
    /// The default value.
    pub value: Option<String>,
    /// The description from the comment before the argument.
    pub description: String,
}

/// A command line in exec form or in shell form.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CommandLine {
    /// The arguments; in shell form, a single text.
    pub words: Vec<Text>,
    /// Whether it is in shell form.
    pub is_shell: bool,
    /// The heredocs after it.
    pub heredocs: Vec<Heredoc>,
}

/// The arguments of `RUN`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Run {
    /// The command line.
    pub command: CommandLine,
    /// The values of `--mount`.
    pub mounts: Vec<Text>,
    /// The source of each mount: a stage, a context or an image; empty for the build context.
    pub(crate) sources: Vec<String>,
    /// The network: `default`, `none` or `host`.
    pub network: Cow<'static, str>,
    /// The security mode: `sandbox` or `insecure`.
    pub security: Cow<'static, str>,
    /// The devices, each with whether it is required.
    pub devices: Vec<(String, bool)>,
}

/// The arguments of `COPY` and `ADD`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Transfer {
    /// The sources: paths, and for `ADD` URLs.
    pub sources: Vec<Text>,
    /// Files whose content is in the Dockerfile.
    pub inline: Vec<InlineFile>,
    /// The destination path.
    pub destination: Text,
    /// `--from`; empty for the build context.
    pub from: Text,
    /// `--chown`.
    pub owner: Text,
    /// `--chmod`.
    pub mode: Text,
    /// `--link`.
    pub link: bool,
    /// `--parents`.
    pub parents: bool,
    /// `--exclude`.
    pub exclude: Vec<Text>,
    /// `--checksum`.
    pub checksum: Text,
    /// `--keep-git-dir`.
    pub keep_git_dir: Option<bool>,
    /// `--unpack`.
    pub unpack: Option<bool>,
}

/// A file whose content is in the Dockerfile (a heredoc).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineFile {
    /// The file's name.
    pub name: String,
    /// The file's content.
    pub content: String,
    /// Whether variables in the content are expanded.
    pub expand: bool,
}
