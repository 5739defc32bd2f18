//! Source locations: where in a user's file a vertex comes from.

use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

use crate::definition::Definition;

/// A source file of a graph, so that clients can show the lines of a vertex that fails. Cheap to
/// clone.
///
/// Files with the same name, language, content and origin appear once in a definition, even if they
/// were created several times.
#[derive(Clone, Debug)]
pub struct SourceMap {
    file: Arc<SourceFile>,
}

/// Describes a source file of a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// The file's name as the user knows it.
    pub filename: String,
    /// The file's language, by its name in GitHub's linguist, such as `Dockerfile`.
    pub language: String,
    /// The file's full content.
    pub data: Bytes,
    /// The graph that produced the file, if there is one.
    pub definition: Option<Definition>,
}

impl SourceMap {
    /// Creates a source map from a file's name, language and content.
    pub fn new(
        filename: impl Into<String>,
        language: impl Into<String>,
        data: impl Into<Bytes>,
    ) -> Self {
        Self::from_file(SourceFile {
            filename: filename.into(),
            language: language.into(),
            data: data.into(),
            definition: None,
        })
    }

    /// Creates a source map from a [`SourceFile`].
    pub fn from_file(file: SourceFile) -> Self {
        Self {
            file: Arc::new(file),
        }
    }

    /// Adds the graph that produced the file.
    #[must_use]
    pub fn with_definition(self, definition: Definition) -> Self {
        let mut file = Arc::unwrap_or_clone(self.file);
        file.definition = Some(definition);
        Self::from_file(file)
    }

    /// Returns the file.
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// Returns an identity that clones share, unique among the source maps alive.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.file).addr()
    }
}

/// A position in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: i32,
    /// The character in the line, from 0.
    pub character: i32,
}

impl Position {
    /// Returns the position of a byte offset in a file's text. An offset beyond the end is the
    /// position of the end, and one in the middle of a character that of the character's beginning.
    ///
    /// ```
    /// use buildkit_llb::Position;
    ///
    /// assert_eq!(Position::from_offset(b"ab\ncd", 4), Position { line: 2, character: 1 });
    /// assert_eq!(Position::from_offset(b"ab\n", 99), Position { line: 2, character: 0 });
    /// ```
    pub fn from_offset(text: &[u8], offset: usize) -> Self {
        let mut before = &text[..offset.min(text.len())];
        let is_inside = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
        if text.get(before.len()).is_some_and(is_inside) {
            let start = before.iter().rposition(|byte| !is_inside(byte));
            before = &before[..start.unwrap_or_default()];
        }
        let mut lines = before.split(|byte| *byte == b'\n');
        let line = lines.next_back();
        let lines = lines.count();
        let characters = line.unwrap_or_default().iter();
        let characters = characters.filter(|byte| !is_inside(byte)).count();
        Self {
            line: i32::try_from(lines + 1).unwrap_or(i32::MAX),
            character: i32::try_from(characters).unwrap_or(i32::MAX),
        }
    }
}

/// A range in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The start of the range.
    pub start: Position,
    /// The end of the range.
    pub end: Position,
}

impl Range {
    /// Creates a range from two positions.
    pub fn new(start: Position, end: Position) -> Self {
        Self { start, end }
    }

    /// Creates a range of one line, counted from 1.
    pub fn line(line: i32) -> Self {
        Self::lines(line, line)
    }

    /// Creates a range of whole lines, counted from 1 and including the last.
    pub fn lines(first: i32, last: i32) -> Self {
        let at = |line| Position { line, character: 0 };
        Self::new(at(first), at(last))
    }
}

/// A vertex's location: ranges in a source map.
#[derive(Clone, Debug)]
pub(crate) struct SourceLocation {
    pub(crate) map: SourceMap,
    pub(crate) ranges: Ranges,
}

/// Ranges in a file: nearly always one, or else shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ranges {
    One(Range),
    /// None, or several.
    Shared(Arc<[Range]>),
}

impl FromIterator<Range> for Ranges {
    fn from_iter<I: IntoIterator<Item = Range>>(ranges: I) -> Self {
        let mut ranges = ranges.into_iter();
        let first = ranges.next();
        match (first, ranges.next()) {
            (Some(only), None) => Self::One(only),
            (first, second) => {
                Self::Shared(first.into_iter().chain(second).chain(ranges).collect())
            }
        }
    }
}

impl Deref for Ranges {
    type Target = [Range];

    fn deref(&self) -> &[Range] {
        match self {
            Self::One(range) => std::slice::from_ref(range),
            Self::Shared(ranges) => ranges,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_positions() {
        let text = "ö\n\nab\u{1F600}c\n";
        let places: Vec<(i32, i32)> = (0..=text.len() + 1)
            .map(|offset| Position::from_offset(text.as_bytes(), offset))
            .map(|position| (position.line, position.character))
            .collect();
        let expected = [
            (1, 0),
            (1, 0),
            (1, 1),
            (2, 0),
            (3, 0),
            (3, 1),
            (3, 2),
            (3, 2),
            (3, 2),
            (3, 2),
            (3, 3),
            (3, 4),
            (4, 0),
            (4, 0),
        ];
        assert_eq!(places, expected);
        // Invalid UTF-8 has positions, too.
        assert_eq!(Position::from_offset(&[0x80, 0x80], 1).character, 0);
    }
}
