//! What instructions mean (`frontend/dockerfile/instructions`).

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

/// A stage: what it starts from, and its instructions.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Stage {
    /// Its name, in lower case; empty if it has none.
    pub name: Text,
    /// What it starts from, as it is written.
    pub base: Text,
    /// The platform, as it is written; empty if it has none.
    pub platform: Text,
    /// What a comment before it says of it.
    pub description: String,
    /// The keyword, as it is written.
    pub keyword: Cow<'static, str>,
    /// The instruction, with continuation lines joined.
    pub code: Text,
    /// Where the instruction is.
    pub lines: Lines,
    /// The comments before it.
    pub comments: Vec<String>,
    /// What is done in it.
    pub instructions: Vec<Instruction>,
}

/// An instruction of a stage.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Instruction {
    /// What it does.
    pub kind: InstructionKind,
    /// The keyword, as it is written.
    pub keyword: Cow<'static, str>,
    /// The instruction, with continuation lines joined.
    pub code: Text,
    /// Where it is, heredocs included.
    pub lines: Lines,
    /// The comments before it.
    pub comments: Vec<String>,
}

impl Instruction {
    /// Reads an instruction that `ONBUILD` holds, for a stage whose `FROM` is at these lines.
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
    /// What is wrong with it, at those lines.
    pub fn of_trigger(text: &str, lines: Lines) -> Result<Self, Mistake> {
        read_trigger(text, lines)
    }
}

/// What an instruction does. Texts are as they are written: nothing is expanded yet.
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
    /// `ONBUILD`, with the instruction.
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

/// A name with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub name: Text,
    /// The value.
    pub value: Text,
    /// Whether they are written in the old form, with a blank between them.
    pub legacy: bool,
}

/// A build argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The name.
    pub name: String,
    /// The default.
    pub value: Option<String>,
    /// What a comment says of it.
    pub description: String,
}

/// A program with arguments, or a line for a shell.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CommandLine {
    /// The words; of a line for a shell, one.
    pub words: Vec<Text>,
    /// Whether it is a line for a shell.
    pub is_shell: bool,
    /// The heredocs behind it.
    pub heredocs: Vec<Heredoc>,
}

/// What `RUN` does.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Run {
    /// The program.
    pub command: CommandLine,
    /// The values of `--mount`.
    pub mounts: Vec<Text>,
    /// What each of the mounts is from: a stage, a context or an image; empty for the build context.
    pub(crate) sources: Vec<String>,
    /// The network: `default`, `none` or `host`.
    pub network: Cow<'static, str>,
    /// `sandbox` or `insecure`.
    pub security: Cow<'static, str>,
    /// Devices, each with whether it is required.
    pub devices: Vec<(String, bool)>,
}

/// What `COPY` and `ADD` do.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Transfer {
    /// What is copied: paths, and for `ADD` URLs.
    pub sources: Vec<Text>,
    /// Files whose content stands in the Dockerfile.
    pub inline: Vec<InlineFile>,
    /// Where to.
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

/// A file whose content stands in the Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineFile {
    /// Its name.
    pub name: String,
    /// Its content.
    pub content: String,
    /// Whether variables in the content are replaced.
    pub expand: bool,
}
