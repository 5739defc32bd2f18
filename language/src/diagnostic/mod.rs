//! A mistake or a doubt, as pure data: what is wrong, where, and what to do about it.
//!
//! The wording of each kind lives in [`crate::diagnostics`], one file a code; [`render`] makes text of it.

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
    /// The name, which is also how `lint` and `stagefile explain` call it.
    pub name: &'static str,
    /// A Markdown page: what it means, an example, how to put it right.
    pub page: &'static str,
}

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file can't be built.
    Error,
    /// The file can be built; something in it is probably not meant.
    Warning,
}

/// A place with a message about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The message; may be empty.
    pub text: String,
}

/// A change that puts the mistake right, which `check --fix` makes: of a warning only where it is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to replace.
    pub span: Span,
    /// What to write instead.
    pub replacement: String,
}

/// One mistake or doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind it is.
    pub code: &'static Code,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence without a full stop; the user's own text stands in backticks.
    pub message: String,
    /// The narrowest place that is wrong.
    pub primary: Label,
    /// Places that explain it.
    pub secondary: Vec<Label>,
    /// What the reader can do.
    pub help: Vec<String>,
    /// The change, where it is certain.
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

    /// Sets the message beside the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Points at a second place.
    #[must_use]
    pub fn secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says what the reader can do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Suggests a name that was probably meant: as help, and of an error as a fix of the primary place. A file that can be
    /// built means what it says.
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

    /// Says what certainly puts it right in the primary place.
    #[must_use]
    pub fn replace(mut self, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix {
            span: self.primary.span,
            replacement: replacement.into(),
        });
        self
    }
}

/// How many uses of templates are shown of those that led to a mistake: so many of the outermost, and of the innermost.
const USES: usize = 3;

/// How many bytes a message has at most: what the user wrote stands in it, and may be as long as the file.
const MAX_MESSAGE: usize = 1_000;

/// How many are kept: a large file can be wrong in every line, and nobody reads so many.
const MAX_FOUND: usize = 20_000;

/// Takes the middle of a string out that is too long for a message.
fn shorten(text: &mut String) {
    if text.len() > MAX_MESSAGE {
        let start = text.floor_char_boundary(MAX_MESSAGE / 2);
        let end = text.ceil_char_boundary(text.len() - MAX_MESSAGE / 2);
        text.replace_range(start..end, " … ");
    }
}

/// All that was found in one run, in the order of the file.
#[derive(Debug, Default)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// By code, place and message; the place of an error also alone, without the others.
    seen: HashSet<(&'static str, Span, String)>,
    /// The places that use the template that is looked at, the outermost first.
    uses: Box<[Span]>,
    /// What becomes of warnings.
    rules: Rules,
    /// How many of them are errors.
    errors: u32,
    /// Whether there are more than are kept.
    more: bool,
}

impl Diagnostics {
    /// Adds one. The same complaint about the same place is kept once: a value that several stages
    /// inherit is looked at several times.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let Some(mut diagnostic) = self.rules.judge(diagnostic) else {
            return;
        };
        // The first error has to be among them, whatever came before.
        let is_error = diagnostic.severity == Severity::Error;
        let is_first = is_error && self.errors == 0;
        if self.found.len() >= MAX_FOUND && !is_first {
            self.more = true;
            return;
        }
        let mut uses: Vec<Span> = Vec::with_capacity(self.uses.len());
        for span in &self.uses {
            // A template that uses itself is used at the same place many times.
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

    /// Begins with what a file says of warnings.
    pub fn under(rules: Rules) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }

    /// Learns what the file says of warnings, those too that are there already.
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

    /// Works where these places use what is looked at; what is found points there too.
    pub fn within<T>(&mut self, uses: &[Span], work: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.uses, uses.into());
        let done = work(self);
        self.uses = outer;
        done
    }

    /// Adds one about something that these places use; it points there too.
    pub fn push_within(&mut self, uses: &[Span], diagnostic: Diagnostic) {
        self.within(uses, |found| found.push(diagnostic));
    }

    /// Says where what is looked at from now on is used. Who calls it keeps what was before: see [`Self::within`].
    pub(crate) fn enter(&mut self, uses: &[Span]) {
        if *self.uses != *uses {
            self.uses = uses.into();
        }
    }

    /// Leaves warnings of a code out that are about something in one of these places.
    pub fn forgive(&mut self, code: &Code, places: &[Span]) {
        let is_forgiven = |one: &Diagnostic| {
            let span = one.primary.span;
            let around = |place: &Span| place.start <= span.start && span.end <= place.end;
            one.severity == Severity::Warning && one.code == code && places.iter().any(around)
        };
        self.found.retain(|one| !is_forgiven(one));
    }

    /// Returns all of them, in the order in which they were found.
    pub fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Tells whether there are more than are kept.
    pub fn has_more(&self) -> bool {
        self.more
    }

    /// Tells whether there is an error about exactly this place.
    pub fn has_error_at(&self, span: Span) -> bool {
        self.seen.contains(&("", span, String::new()))
    }

    /// Tells whether an error is among them.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Tells whether there is an error that isn't one just by a rule of the file.
    pub fn has_mistakes(&self) -> bool {
        self.found.iter().any(|one| {
            one.severity == Severity::Error && !self.rules.makes_errors_of(one.code.name)
        })
    }

    /// Returns the errors, by position.
    pub fn errors(&self) -> Vec<&Diagnostic> {
        self.sorted(Severity::Error)
    }

    /// Returns the warnings, by position.
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
