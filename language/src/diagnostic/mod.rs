//! Diagnostics as pure data: what is wrong, where, and what to do about it.
//!
//! The messages are in [`crate::diagnostics`], one file for each code; [`render`] formats them.

mod render;
mod rules;

pub use render::{SHOWN, failure, render};
#[cfg(test)]
pub(crate) use rules::OFF;
pub use rules::{Level, Rules};

use std::collections::HashSet;

use crate::source::Span;

/// A kind of diagnostic: its stable name and the page that explains it.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The name, also used by `lint` and `stagefile explain`.
    pub name: &'static str,
    /// A Markdown page: the meaning, an example, and how to fix it.
    pub page: &'static str,
}

/// The severity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file can't be built.
    Error,
    /// The file can be built, but something in it is probably unintended.
    Warning,
}

/// A location with a message about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The location.
    pub span: Span,
    /// The message; may be empty.
    pub text: String,
}

/// A change that fixes the mistake, which `check --fix` applies. Warnings have one only if it is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The range to replace.
    pub span: Span,
    /// The replacement text.
    pub replacement: String,
}

/// An error or a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind.
    pub code: &'static Code,
    /// The severity.
    pub severity: Severity,
    /// A sentence without a full stop; the user's own text is in backticks.
    pub message: String,
    /// The narrowest location of the mistake.
    pub primary: Label,
    /// Further locations that explain it.
    pub secondary: Vec<Label>,
    /// What the user can do.
    pub help: Vec<String>,
    /// The fix, if there is a certain one.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Creates an error.
    pub fn error(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: Label {
                span,
                text: String::new(),
            },
            secondary: Vec::new(),
            help: Vec::new(),
            fix: None,
        }
    }

    /// Creates a warning.
    pub fn warning(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// Sets the message at the primary location.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds a secondary location.
    #[must_use]
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Adds what the user can do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Suggests a name that was probably meant: as help, and for an error also as a fix of the primary location. A file
    /// that can be built may mean what it says.
    #[must_use]
    pub fn suggest(self, candidate: Option<&str>) -> Self {
        let Some(candidate) = candidate else {
            return self;
        };
        let is_error = self.severity == Severity::Error;
        let suggested = self.help(format!("did you mean `{candidate}`?"));
        if is_error {
            suggested.replace(candidate)
        } else {
            suggested
        }
    }

    /// Sets the replacement for the primary location as the fix.
    #[must_use]
    pub fn replace(mut self, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span: self.primary.span,
            replacement: replacement.into(),
        });
        self
    }
}

/// The number of template uses leading to a mistake that are shown, of both the outermost and the innermost ones.
const USES: usize = 3;

/// The maximum length of a message in bytes: it contains the user's text, which may be as long as the file.
const MAX_MESSAGE: usize = 1_000;

/// The maximum number of diagnostics that are kept: a large file can be wrong in every line.
const MAX_FOUND: usize = 20_000;

/// Removes the middle of a text that is too long for a message.
fn shorten(text: &mut String) {
    if text.len() > MAX_MESSAGE {
        let start = text.floor_char_boundary(MAX_MESSAGE / 2);
        let end = text.ceil_char_boundary(text.len() - MAX_MESSAGE / 2);
        text.replace_range(start..end, " … ");
    }
}

/// The diagnostics of one run, in the order of the file.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// By code, location and message; errors also by location alone.
    seen: HashSet<(&'static str, Span, String)>,
    /// The uses of the current template, the outermost first.
    uses: Box<[Span]>,
    /// The levels of warnings.
    rules: Rules,
    /// The number of errors.
    errors: u32,
    /// Whether there are more than the maximum.
    more: bool,
}

impl Diagnostics {
    /// Adds a diagnostic. The same message about the same location is kept once: a value that several stages inherit is
    /// checked several times.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let Some(mut diagnostic) = self.rules.judge(diagnostic) else {
            return;
        };
        // The first error must be kept, whatever came before.
        let is_error = diagnostic.severity == Severity::Error;
        let is_first = is_error && self.errors == 0;
        if self.found.len() >= MAX_FOUND && !is_first {
            self.more = true;
            return;
        }
        let mut uses: Vec<Span> = Vec::with_capacity(self.uses.len());
        for span in &self.uses {
            // A template that uses itself is used at the same location many times.
            if *span != diagnostic.primary.span && !uses.contains(span) {
                uses.push(*span);
            }
        }
        let left_out = match uses.len().saturating_sub(2 * USES) {
            0 | 1 => 0,
            more => more,
        };
        for (index, span) in uses.iter().enumerate() {
            let text = match index {
                index if left_out == 0 || index + 1 < USES => "used here".to_owned(),
                index if index + 1 == USES => {
                    format!("used here, and in {left_out} places further in")
                }
                index if index < USES + left_out => continue,
                _ => "used here".to_owned(),
            };
            diagnostic = diagnostic.secondary(*span, text);
        }
        shorten(&mut diagnostic.message);
        diagnostic.help.iter_mut().for_each(shorten);
        let labels = diagnostic.secondary.iter_mut();
        labels.for_each(|label| shorten(&mut label.text));
        let identity = (
            diagnostic.code.name,
            diagnostic.primary.span,
            diagnostic.message.clone(),
        );
        if diagnostic.severity == Severity::Error {
            let place = ("", diagnostic.primary.span, String::new());
            self.seen.insert(place);
        }
        if self.seen.insert(identity) {
            self.errors += u32::from(is_error);
            self.found.push(diagnostic);
        }
    }

    /// Creates an empty set with the levels that a file sets for warnings.
    pub fn under(rules: Rules) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }

    /// Applies the levels that the file sets for warnings, also to existing ones.
    pub fn apply(&mut self, rules: Rules) {
        let found = std::mem::take(&mut self.found).into_iter();
        self.found = found
            .filter_map(|diagnostic| rules.judge(diagnostic))
            .collect();
        let errors = self.found.iter();
        let errors = errors.filter(|one| one.severity == Severity::Error);
        self.errors = u32::try_from(errors.count()).unwrap_or(u32::MAX);
        self.rules = rules;
    }

    /// Calls a function with these template uses; diagnostics that it adds refer to them, too.
    pub fn within<T>(&mut self, uses: &[Span], work: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.uses, uses.into());
        let done = work(self);
        self.uses = outer;
        done
    }

    /// Adds a diagnostic about something in a template with these uses, and refers to them, too.
    pub fn push_within(&mut self, uses: &[Span], diagnostic: Diagnostic) {
        self.within(uses, |found| found.push(diagnostic));
    }

    /// Sets the template uses for the following diagnostics. The caller keeps the previous ones: see [`Self::within`].
    pub(crate) fn enter(&mut self, uses: &[Span]) {
        if *self.uses != *uses {
            self.uses = uses.into();
        }
    }

    /// Removes warnings with a code about something at one of these locations.
    pub fn forgive(&mut self, code: &Code, places: &[Span]) {
        let is_forgiven = |one: &Diagnostic| {
            let span = one.primary.span;
            let around = |place: &Span| place.start <= span.start && span.end <= place.end;
            one.severity == Severity::Warning && one.code == code && places.iter().any(around)
        };
        self.found.retain(|one| !is_forgiven(one));
    }

    /// Returns all diagnostics, in the order in which they were found.
    pub fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Reports whether there are more than the maximum.
    pub fn has_more(&self) -> bool {
        self.more
    }

    /// Reports whether there is an error at exactly this location.
    pub fn has_error_at(&self, span: Span) -> bool {
        self.seen.contains(&("", span, String::new()))
    }

    /// Reports whether there are errors.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Reports whether there is an error other than a warning turned into an error by a rule.
    pub fn has_mistakes(&self) -> bool {
        self.found.iter().any(|one| {
            one.severity == Severity::Error && !self.rules.makes_errors_of(one.code.name)
        })
    }

    /// Returns the errors, sorted by location.
    pub fn errors(&self) -> Vec<&Diagnostic> {
        self.sorted(Severity::Error)
    }

    /// Returns the warnings, sorted by location.
    pub fn warnings(&self) -> Vec<&Diagnostic> {
        self.sorted(Severity::Warning)
    }

    fn sorted(&self, severity: Severity) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self
            .found
            .iter()
            .filter(|one| one.severity == severity)
            .collect();
        sorted.sort_by_key(|one| one.primary.span);
        sorted
    }
}
