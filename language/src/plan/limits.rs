//! How much of the machine a script may use, and what of it.

use stagefile_runner::CpuList;

use crate::source::Spanned;

/// Limits of all processes of a script together.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Memory.
    pub memory: Option<Spanned<Memory>>,
    /// How many processors' time.
    pub cpus: Option<Spanned<Cpus>>,
    /// Which processors.
    pub cpuset: Option<Spanned<CpuList>>,
}

/// A limit of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// So many bytes.
    Bytes(i64),
    /// None, whatever an outer place says.
    Unlimited,
}

/// A limit of processor time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cpus {
    /// So many thousandths of a processor.
    Thousandths(u32),
    /// None, whatever an outer place says.
    Unlimited,
}

impl Cpus {
    /// Returns the number of whole processors, if it is one.
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
    /// Adds an inner place's limits: each that it has counts.
    #[must_use]
    pub fn extended(self, inner: Self) -> Self {
        Self {
            memory: inner.memory.or(self.memory),
            cpus: inner.cpus.or(self.cpus),
            cpuset: inner.cpuset.or(self.cpuset),
        }
    }
}

/// A limit of each process, as `setrlimit(2)` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// What is limited: `nofile`, `nproc`, …; its place.
    pub name: Spanned<&'static str>,
    /// The limit in force; -1 for none.
    pub soft: i64,
    /// The highest limit; -1 for none.
    pub hard: i64,
}

/// A device of the daemon's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What the Container Device Interface calls it.
    pub name: Spanned<String>,
    /// Whether the build goes on without it.
    pub optional: bool,
}
