//! How much of the machine a script may use, and what of it.

use crate::expression::Text;
use crate::source::Span;

/// Limits of all processes of a script together.
#[derive(Debug, Default)]
pub struct Limits {
    /// Memory.
    pub memory: Option<Text>,
    /// How many processors' time.
    pub cpus: Option<Text>,
    /// Which processors.
    pub cpuset: Option<Text>,
}

/// A limit of each process.
#[derive(Debug)]
pub struct Ulimit {
    /// What is limited; a key of [`keys::ULIMITS`](super::keys::ULIMITS).
    pub name: &'static str,
    /// The place of the name.
    pub span: Span,
    /// The limit in force.
    pub soft: Option<Text>,
    /// The highest limit.
    pub hard: Option<Text>,
}

/// A device of the daemon's machine.
#[derive(Debug)]
pub struct Device {
    /// The place of the whole entry.
    pub span: Span,
    /// Which one.
    pub name: Option<Text>,
    /// Whether the build goes on without it.
    pub optional: Option<Text>,
}
