//! Network, privileges and resource limits of a process.

/// The network of a process. The default is the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Network {
    /// A separate network for the process, with access to the outside.
    #[default]
    Sandbox,
    /// The network of the worker's machine. The daemon must allow it.
    Host,
    /// No network.
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

/// The privileges of a process. The default is the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Security {
    /// The usual confinement of containers.
    #[default]
    Sandbox,
    /// All privileges. The daemon must allow them.
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

/// A resource limit of a process, as set by `setrlimit(2)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ulimit {
    /// The resource's name: `nofile`, `nproc`, `core`, …
    pub name: String,
    /// The limit in effect, which the process may raise up to the hard limit; -1 is unlimited.
    pub soft: i64,
    /// The upper bound for the soft limit; -1 is unlimited.
    pub hard: i64,
}

impl Ulimit {
    /// The names of all resources, as in `setrlimit(2)`.
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

    /// Creates a limit for a resource.
    pub fn new(name: impl Into<String>, soft: i64, hard: i64) -> Self {
        Self {
            name: name.into(),
            soft,
            hard,
        }
    }
}
