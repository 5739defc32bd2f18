//! Levels of warnings.

use crate::expression::Text;
use crate::source::Span;

/// The level of the warnings with a code.
#[derive(Debug)]
pub struct LintRule {
    /// The code; a key of [`keys::LINT`](super::keys::LINT).
    pub code: &'static str,
    /// The location of the code.
    pub span: Span,
    /// The level.
    pub level: Text,
}
