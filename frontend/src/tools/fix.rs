//! `check --fix` and `--call fix`: applies certain fixes to the file.
//!
//! Diagnostics of any part of the program may have a [`Fix`]. All fixes that don't overlap are applied at once, then the
//! file is read again: a fix may reveal the next mistake, and a fix that doesn't remove its diagnostic is undone.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use stagefile_language::diagnostic::{Diagnostic, Diagnostics, Fix};
use stagefile_language::source::{Source, Sources, Span};
use stagefile_text::visible;

/// The maximum number of times that the file is read. More are only needed if fixes cause each other.
const MAX_ROUNDS: usize = 20;

/// The maximum length of a fixed text that is shown, in characters.
const SHOWN: usize = 60;

/// A file that is being fixed.
#[derive(Debug)]
pub struct Fixing {
    source: Source,
    /// The text before the last fixes, with what they were meant to fix.
    before: Option<(Source, Vec<AppliedFix>)>,
    made: Vec<String>,
    /// Diagnostics that couldn't be fixed, by code and message.
    rejected: HashSet<Said>,
    rounds: usize,
    /// The maximum number of fixes that are applied at once.
    most: usize,
}

/// A diagnostic without its location.
type Said = (&'static str, String);

/// A fix that was applied.
#[derive(Debug)]
struct AppliedFix {
    said: Said,
    /// The position in the fixed text.
    place: Range<usize>,
    shown: String,
}

/// The code of a diagnostic that prevents the rest of the file from being read.
const UNREADABLE: &str = "invalid-yaml";

impl Fixing {
    /// Begins fixing a file.
    pub fn new(source: &Source) -> Self {
        Self {
            source: source.clone(),
            before: None,
            made: Vec::new(),
            rejected: HashSet::new(),
            rounds: 0,
            most: usize::MAX,
        }
    }

    /// Returns the current file.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns the fixes that were applied, one line each.
    pub fn made(&self) -> &[String] {
        &self.made
    }

    /// Processes the diagnostics of the current file. Returns whether the file has changed and has to be read again.
    pub fn learn(&mut self, sources: &Sources, found: &Diagnostics) -> bool {
        let all: Vec<&Diagnostic> = found.errors().into_iter().chain(found.warnings()).collect();
        self.rounds += 1;
        if let Some((before, made)) = self.before.take()
            && let Err(made) = self.judge(&all, &found.errors(), made)
        {
            // The successful ones are applied again, without the others.
            self.source = before;
            self.reject(made);
            return self.rounds < MAX_ROUNDS;
        }
        if self.rounds >= MAX_ROUNDS {
            return false;
        }
        let text = sources.main().text();
        let mut fixes: Vec<(&Diagnostic, &Fix)> = all
            .iter()
            .filter_map(|one| Some((*one, one.fix.as_ref()?)))
            .filter(|(one, fix)| {
                sources.index(fix.span) == 0
                    && text.get(fix.span.range()).is_some()
                    && !self.rejected.contains(&said(one))
            })
            .collect();
        fixes.sort_by_key(|(_, fix)| fix.span);
        let (mut fixed, mut at, mut made) = (String::with_capacity(text.len()), 0, Vec::new());
        for (one, fix) in fixes {
            // If two fixes are for the same position, the first one counts; the other is found again, if it is still needed.
            let is_new = text[fix.span.range()] != *fix.replacement;
            if fix.span.start < at || !is_new || made.len() >= self.most {
                continue;
            }
            fixed.push_str(&text[at..fix.span.start]);
            let start = fixed.len();
            fixed.push_str(&fix.replacement);
            at = fix.span.end;
            made.push(AppliedFix {
                place: start..fixed.len(),
                said: said(one),
                shown: shown(sources.main(), one, fix),
            });
        }
        if made.is_empty() {
            return false;
        }
        fixed.push_str(&text[at..]);
        let next = Source::new(self.source.name(), fixed);
        let before = std::mem::replace(&mut self.source, next);
        self.before = Some((before, made));
        true
    }

    /// Accepts fixes that worked; or else returns all of them, each with whether it worked.
    fn judge(
        &mut self,
        all: &[&Diagnostic],
        errors: &[&Diagnostic],
        made: Vec<AppliedFix>,
    ) -> Result<(), Vec<(AppliedFix, bool)>> {
        // The diagnostics only disappeared because nothing else was checked.
        let is_unreadable = errors.iter().any(|error| error.code.name == UNREADABLE);
        let was_unreadable = made.iter().any(|one| one.said.0 == UNREADABLE);
        if is_unreadable && !was_unreadable {
            self.most = (made.len() / 2).max(1);
            let is_alone = made.len() == 1;
            return Err(made.into_iter().map(|one| (one, !is_alone)).collect());
        }
        self.most = usize::MAX;
        let mut said: HashMap<(&str, &str), Vec<Span>> = HashMap::new();
        for one in all {
            let same = said.entry((one.code.name, &one.message)).or_default();
            same.push(one.primary.span);
        }
        for places in said.values_mut() {
            places.sort_unstable();
        }
        // Errors are sorted by location; this tracks the end of those so far.
        let mut reach = 0;
        let reached = errors.iter().map(|error| {
            reach = reach.max(error.primary.span.end);
            reach
        });
        let reached: Vec<usize> = reached.collect();
        let made = made.into_iter().map(|one| {
            // The same diagnostic is still reported at this location.
            let same = said.get(&(one.said.0, one.said.1.as_str()));
            let same = same.map_or(&[][..], Vec::as_slice);
            let next = same.partition_point(|span| span.start <= one.place.end);
            let last = next.checked_sub(1).and_then(|last| same.get(last));
            let is_left = last.is_some_and(|span| one.place.start <= span.end);
            // Replacing one mistake with another isn't a success.
            let before = errors.partition_point(|error| error.primary.span.start < one.place.end);
            let last = before.checked_sub(1).and_then(|last| reached.get(last));
            let is_wrong = last.is_some_and(|reach| one.place.start < *reach);
            let is_good = !is_left && !is_wrong;
            (one, is_good)
        });
        let made: Vec<(AppliedFix, bool)> = made.collect();
        if made.iter().all(|(_, is_good)| *is_good) {
            self.made.extend(made.into_iter().map(|(one, _)| one.shown));
            return Ok(());
        }
        Err(made)
    }

    fn reject(&mut self, made: Vec<(AppliedFix, bool)>) {
        let failed = made.into_iter().filter(|(_, is_good)| !is_good);
        self.rejected.extend(failed.map(|(one, _)| one.said));
    }
}

fn said(one: &Diagnostic) -> Said {
    (one.code.name, one.message.clone())
}

/// Describes a fix and its location.
fn shown(source: &Source, one: &Diagnostic, fix: &Fix) -> String {
    let position = source.position(fix.span.start);
    let short = |text: &str| {
        let text = visible::line(text.trim_end());
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text.into_owned(),
        }
    };
    let (old, new) = (short(source.slice(fix.span)), short(&fix.replacement));
    let change = match (old.is_empty(), new.is_empty()) {
        (true, _) => format!("added `{new}`"),
        (_, true) => format!("removed `{old}`"),
        _ => format!("`{old}` is now `{new}`"),
    };
    format!(
        "{}:{}:{}: {change} ({})",
        visible::line(source.name()),
        position.line,
        position.column + 1,
        one.code.name
    )
}
