//! What a file and its client say of warnings: which are left out, and which are errors.

use std::collections::BTreeMap;

use super::{Diagnostic, Severity};
use crate::source::Span;

/// The warnings that are left out unless the file enables them, by name: they are right for some files only.
pub(crate) const OFF: [&str; 2] = ["root-user", "unreached-requires"];

/// What becomes of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is left out.
    Off,
    /// It stays one.
    Warning,
    /// It is an error.
    Error,
}

/// What becomes of the warnings of each code, and the places that say so; none where the client says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    levels: BTreeMap<&'static str, (Level, Option<Span>)>,
}

impl Rules {
    /// Decides about the warnings of a code.
    pub fn set(&mut self, code: &'static str, level: Level, span: Span) {
        self.levels.insert(code, (level, Some(span)));
    }

    /// Decides about the warnings of a code, in place of the file.
    pub(crate) fn impose(&mut self, code: &'static str, level: Level) {
        self.levels.insert(code, (level, None));
    }

    /// Takes what others decide in place of what it has.
    pub(crate) fn follow(&mut self, others: Self) {
        self.levels.extend(others.levels);
    }

    /// Tells whether the warnings of a code are errors.
    pub(super) fn makes_errors_of(&self, code: &str) -> bool {
        matches!(self.levels.get(code), Some((Level::Error, _)))
    }

    /// Makes of a diagnostic what the file says; `None` if it is left out. Errors stay errors: nothing can be built of them.
    pub(super) fn judge(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        if diagnostic.severity == Severity::Error {
            return Some(diagnostic);
        }
        match self.levels.get(diagnostic.code.name) {
            Some((Level::Off, _)) => None,
            Some((Level::Error, span)) => {
                diagnostic.severity = Severity::Error;
                Some(match span {
                    Some(span) => diagnostic.secondary(*span, "an error by this rule"),
                    None => diagnostic.help("an error by the client's `STAGEFILE_LINT`"),
                })
            }
            None if OFF.contains(&diagnostic.code.name) => None,
            Some((Level::Warning, _)) | None => Some(diagnostic),
        }
    }
}
