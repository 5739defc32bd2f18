//! How scripts run.

use std::net::IpAddr;
use std::sync::Arc;

use super::{Limits, Source, Ulimit};
use crate::budget::Size;
use crate::source::{Span, Spanned};

/// How scripts run. Everything that a step inherits is in its own settings.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where; a relative path starts at the base image's own workdir. `None`: there.
    pub workdir: Option<String>,
    /// As whom; `None`: as the base image says.
    pub user: Option<String>,
    /// With which variables, the later of two counts; `None` drops an inherited one.
    pub env: Vec<(String, Option<String>)>,
    /// By which shell, with its arguments.
    pub shell: Option<Vec<String>>,
    /// With which network.
    pub network: Network,
    /// With which cache directories.
    pub caches: Vec<Cache>,
    /// With which secrets.
    pub secrets: Vec<Secret>,
    /// With which SSH agents.
    pub ssh: Vec<SshAgent>,
    /// With which files of elsewhere.
    pub mounts: Vec<Mount>,
    /// With which extra host names.
    pub hosts: Vec<(String, IpAddr)>,
    /// With how much memory and processor time.
    pub limits: Limits,
    /// With which limits of each process, one of a name.
    pub ulimits: Vec<Ulimit>,
}

impl Settings {
    /// Returns how large a copy is.
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

/// What a script can reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// What the daemon gives.
    #[default]
    Default,
    /// Nothing.
    None,
    /// What the daemon's host can reach.
    Host,
}

/// A user and a group, by name or by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: String,
    /// The group; the user's number if nothing is written.
    pub group: Option<String>,
    /// Where both are written; empty for those that are not.
    pub span: Span,
}

/// A directory that lasts from build to build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// The place that asks for it.
    pub span: Span,
    /// What it is called; part of its identity on the daemon.
    pub name: String,
    /// The identity on the daemon, where the user gives it.
    pub id: Option<String>,
    /// Who shares it.
    pub reach: Reach,
    /// What divides it further.
    pub divisions: Vec<Division>,
    /// What it holds when it is new: files of a source, and the directory of them; nothing if `None`.
    pub from: Option<(Spanned<Source>, String)>,
    /// The directory.
    pub target: Target,
    /// Who may use it at the same time.
    pub sharing: Sharing,
    /// The mode of the directory when it is new.
    pub mode: Option<u32>,
    /// Its owner when it is new.
    pub uid: Option<u32>,
    /// Its group when it is new.
    pub gid: Option<u32>,
    /// Whether some of its files are of use without the others.
    pub is_divisible: bool,
    /// Variables that make a tool use it.
    pub env: Vec<(String, String)>,
    /// Files that make a tool keep it: their paths and contents.
    pub files: Vec<(String, String)>,
}

/// Who shares a cache, among those that agree in its name, the platform and the owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// One project.
    #[default]
    Project,
    /// All projects of the daemon.
    Daemon,
}

/// What divides a cache further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Division {
    /// The stage whose step uses it.
    Stage,
    /// A value of the user's.
    Value(String),
}

/// Where a cache is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// At a path; a relative one starts at the workdir.
    Path(String),
    /// Below the directory that a variable names, or below a directory of the user's home.
    Home {
        /// The variable; empty if the tool asks none.
        variable: &'static str,
        /// The directory of the home, where the variable isn't set.
        directory: &'static str,
        /// What is below it.
        path: &'static str,
    },
}

/// Who may use a cache at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Everybody.
    #[default]
    Shared,
    /// Everybody, each a directory of his own.
    Private,
    /// One after another.
    Locked,
}

/// Something that scripts may read and nobody may keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The place that defines it.
    pub span: Span,
    /// How the client calls it.
    pub id: String,
    /// The file that scripts read it from.
    pub target: Option<String>,
    /// The variable that scripts read it from.
    pub env: Option<String>,
    /// The file's mode; `None`: its reader's alone, if that is a number.
    pub mode: Option<u32>,
    /// The file's owner; `None`: the step's user, if that is a number.
    pub uid: Option<u32>,
    /// The file's group.
    pub gid: Option<u32>,
    /// Whether the build goes on without it.
    pub optional: bool,
}

/// An SSH agent of the client's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshAgent {
    /// The place that asks for it.
    pub span: Span,
    /// How the client calls it.
    pub id: String,
    /// The socket.
    pub target: Option<String>,
    /// The socket's mode; `None`: its user's alone, if that is a number.
    pub mode: Option<u32>,
    /// The socket's owner; `None`: the step's user, if that is a number.
    pub uid: Option<u32>,
    /// The socket's group.
    pub gid: Option<u32>,
    /// Whether the build goes on without it.
    pub optional: bool,
}

/// Files of elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The place that asks for it.
    pub span: Span,
    /// Where they are.
    pub source: Spanned<Source>,
    /// What of it is mounted; `/` for all.
    pub path: String,
    /// How a path that is a pattern is put in place; `None` for a path that isn't one.
    pub pattern: Option<BindPattern>,
    /// Patterns of what is mounted of a directory; empty for all.
    pub include: Arc<[String]>,
    /// Patterns of what isn't.
    pub exclude: Arc<[String]>,
    /// Where it is mounted; a relative path starts at the workdir.
    pub target: String,
    /// Whether scripts may write; what they write is thrown away.
    pub writable: bool,
}

/// Where the matches of a pattern are mounted, each by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindPattern {
    /// Below which directory; empty for the workdir.
    pub to: String,
    /// Whether they keep their directories.
    pub parents: bool,
}
