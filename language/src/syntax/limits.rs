//! Resource limits of scripts.

use crate::expression::Text;
use crate::source::Span;

/// A limit of each process.
#[derive(Debug)]
pub struct Ulimit {
    /// The resource; a key of [`keys::ULIMITS`](super::keys::ULIMITS).
    pub name: &'static str,
    /// The location of the name.
    pub span: Span,
    /// The soft limit.
    pub soft: Option<Text>,
    /// The hard limit.
    pub hard: Option<Text>,
}
