//! The text of files, and locations in them.

use std::ops::Range;
use std::sync::Arc;

/// The language of the file for clients that show an excerpt of it.
pub const LANGUAGE: &str = "YAML";

/// A range of bytes in the files of a build; see [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The offset after the last byte; equal to `start` for an empty span.
    pub end: usize,
}

impl Span {
    /// Creates a span from the offset of its first byte and the offset after its last byte.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// Returns the span as a range, for indexing.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value together with its location in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// The location.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Creates a value with a location.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Converts the value and keeps the location.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: convert(self.value),
            span: self.span,
        }
    }
}

/// A position, as people and BuildKit count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 0.
    pub column: usize,
}

/// A file: its name and its text. Clones share them.
#[derive(Clone, Debug)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    /// The offset of its first byte among all files; 0 in the first one.
    start: usize,
    line_starts: Arc<[usize]>,
}

impl Source {
    /// Creates a source from a file's name, as the user knows it, and its text.
    ///
    /// A byte order mark is removed from the text, since editors don't count it as a column.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1));
        Self {
            name: name.into(),
            line_starts: line_starts.collect(),
            text: text.into(),
            start: 0,
        }
    }

    /// Reports whether two values are the same file at the same offset, rather than equal files.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.start == other.start && Arc::ptr_eq(&self.text, &other.text)
    }

    /// Returns the file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the full text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the offset of the first byte.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Returns the span of a byte range of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.start + start, self.start + end)
    }

    /// Returns the text of a span; empty if the span isn't in this file.
    pub fn slice(&self, span: Span) -> &str {
        let inside = |offset: usize| offset.checked_sub(self.start);
        let range = inside(span.start).zip(inside(span.end));
        range
            .and_then(|(start, end)| self.text.get(start..end))
            .unwrap_or_default()
    }

    /// Returns the line of a byte, counted from 1, and its length in bytes. Unlike
    /// [`position`](Self::position), it doesn't read the text.
    pub fn line(&self, offset: usize) -> (usize, usize) {
        let offset = offset.saturating_sub(self.start).min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let end = self.line_starts.get(line).copied();
        let length = end.unwrap_or(self.text.len()) - self.line_starts[line - 1];
        (line, length)
    }

    /// Returns the span of lines, counted from 1, without surrounding white space.
    pub fn lines(&self, first: usize, last: usize) -> Span {
        let start_of = |line: usize| self.line_starts.get(line).copied();
        let start = start_of(first.saturating_sub(1)).unwrap_or(self.text.len());
        let end = start_of(last).unwrap_or(self.text.len()).max(start);
        let text = &self.text[start..end];
        let start = start + (text.len() - text.trim_start().len());
        self.span(start, start + text.trim().len())
    }

    /// Returns the position of a byte, which may be the end of the text.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.saturating_sub(self.start).min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let column = self
            .text
            .get(start..offset)
            .map_or(0, |head| head.chars().count());
        Position { line, column }
    }
}

/// The user's file and its imports. A [`Span`] counts through all of them, so it also identifies
/// the file.
#[derive(Debug)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Creates a value with the user's own file.
    pub fn new(main: Source) -> Self {
        Self {
            files: vec![Source { start: 0, ..main }],
        }
    }

    /// Adds a file, and returns its index.
    pub fn add(&mut self, file: Source) -> usize {
        // One more than the length of the text, so that the end of a file isn't the start of the
        // next one.
        let start = self
            .files
            .last()
            .map_or(0, |last| last.start + last.text.len() + 1);
        self.files.push(Source { start, ..file });
        self.files.len() - 1
    }

    /// Returns the user's own file.
    pub fn main(&self) -> &Source {
        &self.files[0]
    }

    /// Returns all files.
    pub fn files(&self) -> &[Source] {
        &self.files
    }

    /// Returns the index of the file that contains a span.
    pub fn index(&self, span: Span) -> usize {
        self.files
            .partition_point(|file| file.start <= span.start)
            .saturating_sub(1)
    }

    /// Returns the file that contains a span.
    pub fn file(&self, span: Span) -> &Source {
        &self.files[self.index(span)]
    }

    /// Returns the text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.file(span).slice(span)
    }

    /// Returns the first line of a span, so that a label doesn't underline half of a file.
    pub fn first_line(&self, span: Span) -> Span {
        let length = self.slice(span).lines().next().map_or(0, str::len);
        Span::new(span.start, span.start + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_from_one_and_characters_from_zero() {
        let source = Source::new("f", "añb\r\nc\n");
        let at = |offset| source.position(offset);
        assert_eq!(at(0), Position { line: 1, column: 0 });
        assert_eq!(at(3), Position { line: 1, column: 2 });
        assert_eq!(at(6), Position { line: 2, column: 0 });
        assert_eq!(at(8), Position { line: 3, column: 0 });
        assert_eq!(at(99), Position { line: 3, column: 0 });
        assert_eq!(
            [0, 5, 6, 99].map(|offset| source.line(offset)),
            [(1, 6), (1, 6), (2, 2), (3, 0)]
        );
        let lines = |first, last| source.slice(source.lines(first, last));
        assert_eq!(lines(1, 1), "añb");
        assert_eq!(lines(1, 2), "añb\r\nc");
        assert_eq!([lines(0, 0), lines(3, 9), lines(9, 1)], [""; 3]);
    }

    #[test]
    fn a_span_says_which_file_it_is_in() {
        let mut sources = Sources::new(Source::new("a", "one"));
        let second = sources.add(Source::new("b", "two\nthree"));
        let three = sources.files()[second].span(4, 9);
        assert_eq!(sources.slice(three), "three");
        assert_eq!(sources.file(three).name(), "b");
        assert_eq!(sources.file(three).position(three.start).line, 2);
        assert_eq!(sources.file(Span::new(3, 3)).name(), "a");
    }
}
