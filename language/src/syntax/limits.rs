//! How much of the machine a script may use, and what of it.

use crate::expression::Text;
use crate::source::Span;

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
