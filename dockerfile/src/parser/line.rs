//! Lines and continuation lines of a file.

use crate::lines::Lines;
use crate::mistake::Mistake;

/// The maximum length of a line, with its end, in bytes.
const MAX_LINE_LENGTH: usize = 64 << 10;

/// An iterator over the lines of a file.
pub(super) struct Source<'a> {
    rest: &'a str,
    line: u32,
    too_long: bool,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text.strip_prefix('\u{feff}').unwrap_or(text),
            line: 0,
            too_long: false,
        }
    }

    /// Returns the next line, with its end. After a line that is too long, there are no more lines.
    pub(super) fn next(&mut self) -> Option<&'a str> {
        if self.rest.is_empty() || self.too_long {
            return None;
        }
        let end = self.rest.find('\n').map_or(self.rest.len(), |at| at + 1);
        if end > MAX_LINE_LENGTH || (end == MAX_LINE_LENGTH && !self.rest[..end].ends_with('\n')) {
            self.too_long = true;
            return None;
        }
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.line += 1;
        Some(line)
    }

    /// Returns the number of the last line that was read.
    pub(super) fn line(&self) -> u32 {
        self.line
    }

    pub(super) fn too_long(&self) -> Option<Mistake> {
        self.too_long.then(|| {
            let message = format!(
                "dockerfile line greater than max allowed size of {}",
                MAX_LINE_LENGTH - 1
            );
            Mistake::new(message).at(Lines::one(self.line))
        })
    }
}

pub(crate) fn without_end(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

pub(crate) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Removes the continuation character at the end of a line. Returns whether the line is complete.
///
/// Two of them are an escaped one. So are three, as in Docker's frontend.
pub(crate) fn continuation(line: &str, escape: char) -> (&str, bool) {
    let trimmed = line.trim_end_matches([' ', '\t']);
    match trimmed.strip_suffix(escape) {
        Some(before) if !before.ends_with(escape) => (before, false),
        _ => (line, true),
    }
}
