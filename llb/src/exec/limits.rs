//! What a process may reach and use.

/// Chooses the network of a process. The default is the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Network {
    /// Gives the process a network of its own, with access to the outside.
    #[default]
    Sandbox,
    /// Lets the process use the network of the worker's machine, which the daemon must allow.
    Host,
    /// Gives the process no network.
    None,
}

impl Network {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Sandbox => 0,
            Self::Host => 1,
            Self::None => 2,
        }
    }
}

/// Chooses how much a process may do. The default is the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Security {
    /// Confines the process as containers usually are.
    #[default]
    Sandbox,
    /// Gives the process all privileges, which the daemon must allow.
    Insecure,
}

impl Security {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Sandbox => 0,
            Self::Insecure => 1,
        }
    }
}

/// Limits a resource of a process, as `setrlimit(2)` does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ulimit {
    /// Names the resource: `nofile`, `nproc`, `core`, …
    pub name: String,
    /// Sets the limit in force, which the process may raise up to the hard one; -1 is unlimited.
    pub soft: i64,
    /// Sets the highest limit; -1 is unlimited.
    pub hard: i64,
}

impl Ulimit {
    /// The names of all resources, as `setrlimit(2)` has them.
    pub const NAMES: [&'static str; 16] = [
        "as",
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];

    /// Limits a resource.
    pub fn new(name: impl Into<String>, soft: i64, hard: i64) -> Self {
        Self {
            name: name.into(),
            soft,
            hard,
        }
    }
}
