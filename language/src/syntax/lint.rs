//! What becomes of warnings.

use crate::expression::Text;
use crate::source::Span;

/// What becomes of the warnings of one code.
#[derive(Debug)]
pub struct LintRule {
    /// The code; a key of [`keys::LINT`](super::keys::LINT).
    pub code: &'static str,
    /// The place of the code.
    pub span: Span,
    /// What becomes of them.
    pub level: Text,
}
