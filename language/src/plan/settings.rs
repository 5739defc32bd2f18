//! Settings of scripts.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Limits, Source, Ulimit};
use crate::budget::Size;
use crate::source::{Span, Spanned};

/// Settings of scripts. The settings of a step include everything that it inherits.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The working directory; a relative path is resolved against that of the base image. `None`
    /// for that of the base image.
    pub workdir: Option<String>,
    /// The user; `None` for that of the base image.
    pub user: Option<String>,
    /// The environment variables, of which later ones take precedence; `None` drops an inherited
    /// one.
    pub env: Vec<(String, Option<String>)>,
    /// The shell, with its arguments.
    pub shell: Option<Vec<String>>,
    /// The network.
    pub network: Network,
    /// The cache directories.
    pub caches: Vec<Cache>,
    /// The secrets.
    pub secrets: Vec<Secret>,
    /// The SSH agents.
    pub ssh: Vec<SshAgent>,
    /// Mounted files from other sources.
    pub mounts: Vec<Mount>,
    /// Additional host names.
    pub hosts: Vec<(String, IpAddr)>,
    /// Limits on memory and CPU.
    pub limits: Limits,
    /// Limits of each process, at most one per resource.
    pub ulimits: Vec<Ulimit>,
}

impl Settings {
    /// Returns the size of a copy.
    pub(crate) fn size(&self) -> Size {
        let pairs = |pairs: &[(String, String)]| -> Size {
            let pairs = pairs.iter();
            pairs.map(|(a, b)| Size::of(a) + Size::of(b)).sum()
        };
        let own = [&self.workdir, &self.user].into_iter().flatten();
        let shell = self.shell.iter().flatten();
        let caches = self.caches.iter().map(|cache| {
            let id = cache.id.as_deref().unwrap_or_default();
            let divisions = cache.divisions.iter().map(|division| match division {
                Division::Stage => Size::of(""),
                Division::Value(value) => Size::of(value),
            });
            let target = match &cache.target {
                Target::Path(path) => path,
                Target::Home { .. } => "",
            };
            Size::of(&cache.name)
                + Size::of(id)
                + Size::of(target)
                + divisions.sum()
                + pairs(&cache.env)
                + pairs(&cache.files)
        });
        let secrets = self.secrets.iter().map(|secret| {
            let texts = [&secret.target, &secret.env].into_iter().flatten();
            Size::of(&secret.id) + texts.map(|text| Size::of(text)).sum()
        });
        let ssh = self.ssh.iter().map(|agent| {
            let target = agent.target.as_deref().unwrap_or_default();
            Size::of(&agent.id) + Size::of(target)
        });
        let mounts = self.mounts.iter().map(|mount| {
            let output = match &mount.source.value {
                Source::Output(_, output) => output,
                _ => "",
            };
            let pattern = mount.pattern.iter().map(|pattern| &pattern.to);
            let patterns = pattern
                .chain(mount.include.iter())
                .chain(mount.exclude.iter());
            Size::of(output)
                + Size::of(&mount.path)
                + Size::of(&mount.target)
                + Size::of_all(patterns.map(String::as_str))
        });
        let env = self
            .env
            .iter()
            .map(|(name, value)| Size::of(name) + Size::of(value.as_deref().unwrap_or_default()));
        Size::of("")
            + own.chain(shell).map(|text| Size::of(text)).sum()
            + env.sum()
            + caches.sum()
            + secrets.sum()
            + ssh.sum()
            + mounts.sum()
            + self.hosts.iter().map(|(name, _)| Size::of(name)).sum()
            + self.ulimits.iter().map(|_| Size::of("")).sum()
    }
}

/// The network of a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// The daemon's default.
    #[default]
    Default,
    /// No network.
    None,
    /// The network of the daemon's host.
    Host,
}

/// A user and a group, each by name or by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: String,
    /// The group; that of the user if `None`.
    pub group: Option<String>,
    /// The location; empty for defaults.
    pub span: Span,
}

/// A directory that persists between builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// The location of its use.
    pub span: Span,
    /// The name, which is part of the ID on the daemon.
    pub name: String,
    /// The ID on the daemon, if the user sets it.
    pub id: Option<String>,
    /// The scope in which it is shared.
    pub reach: Reach,
    /// Further subdivisions.
    pub divisions: Vec<Division>,
    /// The initial content: files of a source, and the directory in it; `None` for an empty
    /// directory.
    pub from: Option<(Spanned<Source>, String)>,
    /// The path.
    pub target: Target,
    /// How concurrent steps share it.
    pub sharing: Sharing,
    /// The initial mode of the directory.
    pub mode: Option<u32>,
    /// The initial owner.
    pub uid: Option<u32>,
    /// The initial group.
    pub gid: Option<u32>,
    /// Whether some of its files are useful without the others.
    pub is_divisible: bool,
    /// Variables that make a tool use it.
    pub env: Vec<(String, String)>,
    /// Files that make a tool use it: their paths and contents.
    pub files: Vec<(String, String)>,
}

/// The scope in which caches with the same name, platform and owner are shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// A single project.
    #[default]
    Project,
    /// All projects of the daemon.
    Daemon,
}

/// A further subdivision of a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Division {
    /// By the stage of the step that uses it.
    Stage,
    /// By a value.
    Value(String),
}

/// The path at which a cache is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A path; a relative one is resolved against the workdir.
    Path(String),
    /// A path below the directory in a variable, or below a directory in the user's home directory.
    Home {
        /// The variable; empty if the tool uses none.
        variable: &'static str,
        /// The directory in the home directory, if the variable isn't set.
        directory: &'static str,
        /// The path below it.
        path: &'static str,
    },
}

/// How concurrent steps share a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// They use it at the same time.
    #[default]
    Shared,
    /// Each has its own directory.
    Private,
    /// They use it one after another.
    Locked,
}

/// A secret of the client for scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The location of its definition.
    pub span: Span,
    /// The client's ID for it.
    pub id: String,
    /// The path of the file with the secret.
    pub target: Option<String>,
    /// The environment variable with the secret.
    pub env: Option<String>,
    /// The file's mode; `None` for readable by its reader only, if that is a number.
    pub mode: Option<u32>,
    /// The file's owner; `None` for the step's user, if that is a number.
    pub uid: Option<u32>,
    /// The file's group.
    pub gid: Option<u32>,
    /// Whether the build continues without it.
    pub optional: bool,
}

/// An SSH agent of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshAgent {
    /// The location of its use.
    pub span: Span,
    /// The client's ID for it.
    pub id: String,
    /// The path of the socket.
    pub target: Option<String>,
    /// The socket's mode; `None` for accessible by its user only, if that is a number.
    pub mode: Option<u32>,
    /// The socket's owner; `None` for the step's user, if that is a number.
    pub uid: Option<u32>,
    /// The socket's group.
    pub gid: Option<u32>,
    /// Whether the build continues without it.
    pub optional: bool,
}

/// A mount of files from another source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The location of its definition.
    pub span: Span,
    /// The source.
    pub source: Spanned<Source>,
    /// The path in the source; `/` for everything.
    pub path: String,
    /// How the matches are mounted if the path is a pattern; otherwise `None`.
    pub pattern: Option<BindPattern>,
    /// Patterns of the files in a directory that are mounted; empty for all.
    pub include: Arc<[String]>,
    /// Patterns of the files that aren't.
    pub exclude: Arc<[String]>,
    /// The path of the mount; a relative one is resolved against the workdir.
    pub target: String,
    /// Whether it is writable; changes are discarded.
    pub writable: bool,
}

/// Where the matches of a pattern are mounted individually.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindPattern {
    /// The parent directory; empty for the workdir.
    pub to: String,
    /// Whether they keep their parent directories.
    pub parents: bool,
}
