//! What `defaults`, stages and `run` steps have in common.

use super::Origin;
use super::file::{Cache, Name, Secret};
use super::limits::{Limits, Ulimit};
use crate::expression::Text;
use crate::source::Span;

/// How scripts run.
#[derive(Debug, Default)]
pub struct Settings {
    /// Where.
    pub workdir: Option<Text>,
    /// As whom.
    pub user: Option<Text>,
    /// With which variables, and without which.
    pub env: Vec<(Name, Option<Text>)>,
    /// By which shell.
    pub shell: Option<Vec<Text>>,
    /// With which network.
    pub network: Option<Text>,
    /// With which cache directories.
    pub caches: Vec<Use<Cache>>,
    /// With which secrets.
    pub secrets: Vec<Use<Secret>>,
    /// With which SSH agents.
    pub ssh: Vec<SshAgent>,
    /// With which files of elsewhere.
    pub mounts: Vec<Mount>,
    /// With which extra host names.
    pub hosts: Vec<(Name, Text)>,
    /// With how much memory and processor time.
    pub limits: Limits,
    /// With which limits of each process.
    pub ulimits: Vec<Ulimit>,
}

/// Something that is used by its name, or written out on the spot.
#[derive(Debug)]
pub enum Use<T> {
    /// By name.
    Named(Text),
    /// On the spot.
    Inline(T, Span),
}

/// An SSH agent.
#[derive(Debug)]
pub struct SshAgent {
    /// The place of the whole entry.
    pub span: Span,
    /// How the client calls it.
    pub id: Option<Text>,
    /// The socket.
    pub target: Option<Text>,
    /// The socket's mode.
    pub mode: Option<Text>,
    /// The socket's owner.
    pub uid: Option<Text>,
    /// The socket's group.
    pub gid: Option<Text>,
    /// Whether the build goes on without it.
    pub optional: Option<Text>,
}

/// Files of elsewhere.
#[derive(Debug)]
pub struct Mount {
    /// The place of the whole entry.
    pub span: Span,
    /// Where they are.
    pub from: Option<Origin>,
    /// What of it is mounted.
    pub path: Option<Text>,
    /// Where it is mounted.
    pub to: Option<Text>,
    /// Whether scripts may write.
    pub rw: Option<Text>,
}
