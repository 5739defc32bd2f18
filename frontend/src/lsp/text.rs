//! Editor positions, in lines and UTF-16 code units; everything else here counts bytes.

use lsp_types::{Position, Range};

/// The text of a file, with the offsets of its lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    whole: String,
    starts: Vec<usize>,
    /// The offset after each character that isn't ASCII, and by how much the number of bytes up to there exceeds that
    /// of UTF-16 code units.
    wide: Vec<(usize, usize)>,
}

impl Text {
    /// Takes the text of a file.
    pub(super) fn new(text: String) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1));
        let mut beyond = 0;
        let wide = text.char_indices().filter(|(_, letter)| !letter.is_ascii());
        let wide = wide.map(|(at, letter)| {
            beyond += letter.len_utf8() - letter.len_utf16();
            (at + letter.len_utf8(), beyond)
        });
        Self {
            starts: starts.collect(),
            wide: wide.collect(),
            whole: text,
        }
    }

    /// Returns the text.
    pub(super) fn as_str(&self) -> &str {
        &self.whole
    }

    /// Returns the number of lines, including an empty last one.
    pub(super) fn lines(&self) -> usize {
        self.starts.len()
    }

    /// Returns a line without its line ending; empty beyond the last line.
    pub(super) fn line(&self, line: usize) -> &str {
        let Some(start) = self.starts.get(line) else {
            return "";
        };
        let end = self
            .starts
            .get(line + 1)
            .copied()
            .unwrap_or(self.whole.len());
        self.whole[*start..end].trim_end_matches(['\n', '\r'])
    }

    /// Returns the text before a byte on its line.
    pub(super) fn before(&self, offset: usize) -> &str {
        let start = self.start(self.line_of(offset));
        let before = self.whole.get(start..offset).unwrap_or_default();
        before.trim_end_matches(['\n', '\r'])
    }

    /// Returns the first byte of a line.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.whole.len())
    }

    /// Returns the line of a byte.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// Returns the byte of a position. A position beyond the end of a line is its end.
    pub(super) fn offset(&self, position: Position) -> usize {
        let line = position.line as usize;
        let mut left = position.character as usize;
        let mut offset = self.start(line);
        for letter in self.line(line).chars() {
            if left < letter.len_utf16() {
                break;
            }
            left -= letter.len_utf16();
            offset += letter.len_utf8();
        }
        offset
    }

    /// Returns the position of a byte.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = self.whole.floor_char_boundary(offset.min(self.whole.len()));
        let line = self.line_of(offset);
        let start = self.starts[line];
        let character = offset - start - (self.beyond(offset) - self.beyond(start));
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            character: u32::try_from(character).unwrap_or(u32::MAX),
        }
    }

    /// Returns by how much the number of bytes before an offset exceeds that of UTF-16 code units.
    fn beyond(&self, offset: usize) -> usize {
        let wide = self.wide.partition_point(|(end, _)| *end <= offset);
        wide.checked_sub(1).map_or(0, |last| self.wide[last].1)
    }

    /// Converts a range of bytes to positions.
    pub(super) fn range(&self, start: usize, end: usize) -> Range {
        Range {
            start: self.position(start),
            end: self.position(end),
        }
    }

    /// Replaces a range with a string.
    pub(super) fn replace(&mut self, range: Range, with: &str) {
        let start = self.offset(range.start);
        let end = self.offset(range.end).max(start);
        let mut text = std::mem::take(&mut self.whole);
        text.replace_range(start..end, with);
        *self = Self::new(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_in_utf_16() {
        let mut text = Text::new("añ😀b\r\nc".to_owned());
        let at = |line, character| Position { line, character };
        for (offset, position) in [
            (0, at(0, 0)),
            (3, at(0, 2)),
            (7, at(0, 4)),
            (8, at(0, 5)),
            (10, at(1, 0)),
            (11, at(1, 1)),
        ] {
            assert_eq!(text.position(offset), position);
            assert_eq!(text.offset(position), offset);
        }
        assert_eq!((text.before(7), text.before(8)), ("añ😀", "añ😀b"));
        assert_eq!(Text::new("a\r".to_owned()).before(2), "a");
        // Inside a surrogate pair, beyond the line, and beyond the end.
        assert_eq!(text.offset(at(0, 3)), 3);
        assert_eq!(text.offset(at(0, 99)), 8);
        assert_eq!(text.offset(at(9, 9)), 11);
        text.replace(
            Range {
                start: at(0, 2),
                end: at(0, 4),
            },
            "x\ny",
        );
        assert_eq!(text.as_str(), "añx\nyb\r\nc");
        assert_eq!((text.lines(), text.line(1)), (3, "yb"));
    }
}
