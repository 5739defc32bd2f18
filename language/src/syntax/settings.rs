//! The settings that `defaults`, stages and `run` steps share.

use super::{Cache, Limits, Mount, Name, Secret, SshAgent, Ulimit};
use crate::expression::Text;
use crate::source::Span;

/// Settings of scripts.
#[derive(Debug, Default)]
pub struct Settings {
    /// The working directory.
    pub workdir: Option<Text>,
    /// The user.
    pub user: Option<Text>,
    /// The environment variables; `None` drops one.
    pub env: Vec<(Name, Option<Text>)>,
    /// The shell.
    pub shell: Option<Vec<Text>>,
    /// The network.
    pub network: Option<Text>,
    /// The cache directories.
    pub caches: Vec<Use<Cache>>,
    /// The secrets.
    pub secrets: Vec<Use<Secret>>,
    /// The SSH agents.
    pub ssh: Vec<SshAgent>,
    /// Mounted files from other sources.
    pub mounts: Vec<Mount>,
    /// Additional host names.
    pub hosts: Vec<(Name, Text)>,
    /// Limits on memory and CPU.
    pub limits: Limits,
    /// Limits of each process.
    pub ulimits: Vec<Ulimit>,
}

/// The use of a definition by name, or an inline definition.
#[derive(Debug)]
pub enum Use<T> {
    /// By name.
    Named(Text),
    /// An inline definition.
    Inline(T, Span),
}
