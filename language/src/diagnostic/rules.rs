//! The levels of warnings that a file and its client set: disabled, warning, or error.

use std::collections::BTreeMap;

use super::{Diagnostic, Severity};
use crate::source::Span;

/// The warnings that are disabled by default, by name: they only apply to some files.
pub(crate) const OFF: [&str; 2] = ["root-user", "unreached-requires"];

/// The level of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is disabled.
    Off,
    /// It stays a warning.
    Warning,
    /// It is an error.
    Error,
}

/// The level of the warnings with each code, and the location that sets it; none if the client does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    levels: BTreeMap<&'static str, (Level, Option<Span>)>,
}

impl Rules {
    /// Sets the level of the warnings with a code.
    pub fn set(&mut self, code: &'static str, level: Level, span: Span) {
        self.levels.insert(code, (level, Some(span)));
    }

    /// Sets the level of the warnings with a code, overriding the file.
    pub(crate) fn impose(&mut self, code: &'static str, level: Level) {
        self.levels.insert(code, (level, None));
    }

    /// Replaces levels by those of `others`.
    pub(crate) fn follow(&mut self, others: Self) {
        self.levels.extend(others.levels);
    }

    /// Reports whether the warnings with a code are errors.
    pub(super) fn makes_errors_of(&self, code: &str) -> bool {
        matches!(self.levels.get(code), Some((Level::Error, _)))
    }

    /// Applies the level to a diagnostic; `None` if it is disabled. Errors stay errors: the file can't be built.
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
