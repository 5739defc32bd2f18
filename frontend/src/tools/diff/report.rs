//! Differences as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};
use stagefile_text::visible;

use super::{Change, Difference, Kind};
use crate::tools::graph::shortened;

/// The maximum number of changed parts of a step, and of steps that follow it, that are listed.
const NAMED: usize = 8;
/// The maximum length of a value that is shown.
const WIDTH: usize = 160;

impl Difference {
    /// Reports whether the graphs are the same.
    pub fn is_none(&self) -> bool {
        self.is_none
    }

    /// Returns the differences as text.
    pub fn text(&self) -> String {
        if self.is_none() {
            return format!("the same: {} steps\n", self.same);
        }
        let again: usize = self.steps.iter().map(|step| step.following.len()).sum();
        let (differ, same) = (self.steps.len(), self.same);
        let (steps, verb) = if differ == 1 {
            ("step", "differs")
        } else {
            ("steps", "differ")
        };
        let mut text =
            format!("{differ} {steps} {verb}; again because of that: {again}; the same: {same}\n");
        for step in &self.steps {
            let mark = match step.kind {
                Kind::Changed => '~',
                Kind::Added => '+',
                Kind::Removed => '-',
            };
            let place = step.place.as_ref();
            let place = place.map(|(file, line)| format!("  {}:{line}", visible::line(file)));
            let (name, place) = (shown_line(&step.name, 100), place.unwrap_or_default());
            _ = writeln!(text, "\n{mark} {name}{place}");
            for change in step.changes.iter().take(NAMED) {
                change.write(&mut text);
            }
            if let Some(more) = step
                .changes
                .len()
                .checked_sub(NAMED)
                .filter(|more| *more > 0)
            {
                _ = writeln!(text, "    and {more} more");
            }
            let named = step.following.iter().take(NAMED);
            for (number, name) in named.enumerate() {
                let is_last = number + 1 == step.following.len();
                let branch = if is_last { '└' } else { '├' };
                _ = writeln!(text, "  {branch} {}", shown_line(name, 90));
            }
            if let Some(more) = step
                .following
                .len()
                .checked_sub(NAMED)
                .filter(|more| *more > 0)
            {
                _ = writeln!(text, "  └ and {more} more");
            }
        }
        text
    }

    /// Returns the differences as JSON.
    pub fn json(&self) -> Value {
        let steps = self.steps.iter().map(|step| {
            let kind = match step.kind {
                Kind::Changed => "changed",
                Kind::Added => "added",
                Kind::Removed => "removed",
            };
            let changes = step.changes.iter().map(|change| {
                json!({ "what": change.what, "before": change.before, "after": change.after })
            });
            let place = step.place.as_ref();
            json!({
                "kind": kind,
                "name": step.name,
                "file": place.map(|place| &place.0),
                "line": place.map(|place| place.1),
                "changes": changes.collect::<Vec<_>>(),
                "following": step.following,
            })
        });
        json!({ "same": self.same, "steps": steps.collect::<Vec<_>>() })
    }
}

impl Change {
    /// Writes the values, or for long ones the lines that differ.
    fn write(&self, text: &mut String) {
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        let what = visible::line(&self.what);
        match (before, after) {
            _ if self.what.starts_with("file ") => {
                let became = match (before, after) {
                    (None, _) => "added".to_owned(),
                    (_, None) => "removed".to_owned(),
                    (Some(before), Some(after)) => became(before, after),
                };
                _ = writeln!(text, "    {what}: {became}");
            }
            (Some(before), Some(after)) if before.contains('\n') || after.contains('\n') => {
                _ = writeln!(text, "    {what}:");
                let (old, new): (Vec<&str>, Vec<&str>) =
                    (before.lines().collect(), after.lines().collect());
                let head = old
                    .iter()
                    .zip(&new)
                    .take_while(|(old, new)| old == new)
                    .count();
                let rest = old.len().min(new.len()) - head;
                let tail = old.iter().rev().zip(new.iter().rev()).take(rest);
                let tail = tail.take_while(|(old, new)| old == new).count();
                for (mark, lines) in [('-', &old), ('+', &new)] {
                    for line in &lines[head..lines.len() - tail] {
                        _ = writeln!(text, "      {mark} {}", shown_line(line, WIDTH));
                    }
                }
            }
            (before, after) => {
                let value = |value: Option<&str>| {
                    value.map_or_else(
                        || "nothing".to_owned(),
                        |value| format!("`{}`", shown_line(value, WIDTH)),
                    )
                };
                _ = writeln!(text, "    {what}: {} → {}", value(before), value(after));
            }
        }
    }
}

/// Describes the change of a file: of its content, or else of its mode, which comes after the
/// content.
fn became(before: &str, after: &str) -> String {
    match (before.split_once(" ("), after.split_once(" (")) {
        (Some((old, was)), Some((new, is))) if old == new => {
            let mode = |mode: &str| visible::line(mode.trim_end_matches(')')).into_owned();
            format!("mode {} → {}", mode(was), mode(is))
        }
        _ => "changed".to_owned(),
    }
}

/// Truncates a long line. It stays one line, whatever it contains.
fn shown_line(line: &str, width: usize) -> String {
    visible::line(&shortened(line, width)).into_owned()
}
