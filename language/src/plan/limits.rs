//! Resource limits of scripts.

use stagefile_runner::CpuList;

use crate::source::Spanned;

/// Limits for all processes of a script together.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// The memory limit.
    pub memory: Option<Spanned<Memory>>,
    /// The CPU limit.
    pub cpus: Option<Spanned<Cpus>>,
    /// The allowed CPUs.
    pub cpuset: Option<Spanned<CpuList>>,
}

/// A memory limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// A number of bytes.
    Bytes(i64),
    /// No limit, overriding that of an outer level.
    Unlimited,
}

/// A CPU limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpus {
    /// Thousandths of a CPU.
    Thousandths(u32),
    /// No limit, overriding that of an outer level.
    Unlimited,
}

impl Cpus {
    /// Returns the number of CPUs, if it is a whole number.
    pub fn whole(self) -> Option<usize> {
        match self {
            Self::Thousandths(thousandths) if thousandths % 1000 == 0 => {
                usize::try_from(thousandths / 1000).ok()
            }
            _ => None,
        }
    }
}

impl Limits {
    /// Adds the limits of an inner level, which take precedence.
    #[must_use]
    pub fn extended(self, inner: Self) -> Self {
        Self {
            memory: inner.memory.or(self.memory),
            cpus: inner.cpus.or(self.cpus),
            cpuset: inner.cpuset.or(self.cpuset),
        }
    }
}

/// A limit of each process, as set by `setrlimit(2)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// The resource: `nofile`, `nproc`, …; with its location.
    pub name: Spanned<&'static str>,
    /// The soft limit; -1 for none.
    pub soft: i64,
    /// The hard limit; -1 for none.
    pub hard: i64,
}

/// A device of the daemon's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The Container Device Interface (CDI) name.
    pub name: Spanned<String>,
    /// Whether the build continues without it.
    pub optional: bool,
}
