//! What `defaults`, stages and `run` steps have in common.

use super::{Cache, Limits, Mount, Name, Secret, SshAgent, Ulimit};
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
