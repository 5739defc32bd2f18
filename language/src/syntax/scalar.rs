//! YAML scalars: the text, and the mapping back to the characters in the file.

use std::ops::Range;

use crate::source::{Source, Span};

/// The style of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Unquoted.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As a literal (`|`) or folded (`>`) block.
    Block,
}

/// A scalar with its location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text after YAML's escapes, folding and stripping are applied.
    pub text: String,
    /// The location in the file, including quotes, without a block's header.
    pub span: Span,
    /// The style.
    pub style: Style,
}

impl Scalar {
    /// Reports whether it is YAML's null: empty, `~` or `null`, unquoted.
    pub fn is_null(&self) -> bool {
        self.style == Style::Plain
            && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// Returns the location in the file of a byte range of the text.
    ///
    /// Text and file are traversed in parallel: what the text lacks (indentation, quotes, folded line ends) is white space or
    /// an escape in the file. So every visible character is located exactly, in any style.
    pub fn locate(&self, source: &Source, start: usize, end: usize) -> Span {
        self.locate_all(source, std::iter::once(start..end))
            .pop()
            .unwrap_or(self.span)
    }

    /// Returns the locations of several byte ranges of the text, like [`locate`](Self::locate). If the ranges are sorted, the
    /// text is traversed once.
    pub fn locate_all(
        &self,
        source: &Source,
        ranges: impl IntoIterator<Item = Range<usize>>,
    ) -> Vec<Span> {
        let written = source.slice(self.span);
        let ranges = ranges.into_iter();
        if self.style == Style::Plain && written == self.text {
            let start = self.span.start;
            return ranges
                .map(|range| Span::new(start + range.start, start + range.end))
                .collect();
        }
        let mut places = Alignment::new(&self.text, written, self.style);
        let located = ranges.map(|range| {
            if range.start < places.at_text {
                places = Alignment::new(&self.text, written, self.style);
            }
            let first = places.find(range.start);
            let inside = self.text.get(range.clone()).unwrap_or_default();
            let last = match inside.chars().next_back() {
                Some(letter) => {
                    places.find(range.end - letter.len_utf8()) + places.length_written(letter)
                }
                None => first,
            };
            Span::new(self.span.start + first, self.span.start + last)
        });
        located.collect()
    }
}

/// A parallel traversal of a scalar's text and of the characters in the file.
struct Alignment<'a> {
    text: &'a str,
    written: &'a str,
    /// Whether a backslash begins an escape: in double quotes.
    escapes: bool,
    /// Whether a quote is written twice: in single quotes.
    doubles: bool,
    /// Whether ` #` begins a comment: in unquoted scalars. The parser skips comments between lines.
    comments: bool,
    at_text: usize,
    at_written: usize,
    /// The end of a range of spaces without a line end after them.
    blanks_until: usize,
    /// Whether there are only line ends and spaces between an escaped line end and a byte that was reached.
    joined: (usize, bool),
}

impl<'a> Alignment<'a> {
    fn new(text: &'a str, written: &'a str, style: Style) -> Self {
        let quoted = style == Style::Quoted && !written.is_empty();
        let escapes = quoted && written.starts_with('"');
        let doubles = quoted && !escapes;
        Self {
            text,
            written,
            escapes,
            doubles,
            comments: style == Style::Plain,
            at_text: 0,
            at_written: usize::from(quoted),
            blanks_until: 0,
            joined: (0, false),
        }
    }

    /// Returns the position in the file of the byte `target` of the text.
    fn find(&mut self, target: usize) -> usize {
        while self.at_text < target {
            let Some(wanted) = self.text[self.at_text..].chars().next() else {
                break;
            };
            self.skip_to(wanted);
            self.at_written += self.length_written(wanted);
            self.at_text += wanted.len_utf8();
        }
        if let Some(wanted) = self.text[self.at_text.min(self.text.len())..]
            .chars()
            .next()
        {
            self.skip_to(wanted);
        }
        self.at_written.min(self.written.len())
    }

    /// Skips white space in the file that the text lacks.
    fn skip_to(&mut self, wanted: char) {
        self.skip_joined_lines();
        if wanted.is_whitespace() {
            return;
        }
        while let Some(found) = self.written[self.at_written..].chars().next() {
            let before = self.written[..self.at_written].chars().next_back();
            if self.comments && found == '#' && before.is_some_and(char::is_whitespace) {
                let rest = &self.written[self.at_written..];
                self.at_written += rest.find(['\r', '\n']).unwrap_or(rest.len());
                continue;
            }
            if !found.is_whitespace() {
                break;
            }
            self.at_written += found.len_utf8();
            self.skip_joined_lines();
        }
    }

    /// Skips escaped line ends, and the indentation of the following lines. White space there is escaped.
    fn skip_joined_lines(&mut self) {
        while self.escapes {
            let rest = &self.written[self.at_written..];
            let Some(next) = rest.strip_prefix('\\') else {
                break;
            };
            let next = match line_break(next) {
                0 => break,
                length => &next[length..],
            };
            self.at_written = self.written.len() - next.trim_start_matches([' ', '\t']).len();
        }
    }

    /// Reports whether there are only line ends and spaces since an escaped line end.
    fn follows_a_joined_line(&mut self) -> bool {
        let (known, mut joined) = self.joined;
        let passed = &self.written[known..self.at_written];
        let head = passed.trim_end_matches([' ', '\t', '\r', '\n']).len();
        if head > 0 {
            let (head, white) = self.written[..self.at_written].split_at(known + head);
            let backslashes = head.len() - head.trim_end_matches('\\').len();
            joined = backslashes % 2 == 1 && line_break(white) > 0;
        }
        self.joined = (self.at_written, joined);
        joined
    }

    /// Returns the number of bytes in the file for a character of the text.
    fn length_written(&mut self, wanted: char) -> usize {
        let rest = &self.written[self.at_written..];
        if self.escapes && rest.starts_with('\\') {
            return match rest.as_bytes().get(1) {
                Some(b'x') => 4,
                Some(b'u') => 6,
                Some(b'U') => 10,
                Some(_) => 2,
                None => 1,
            }
            .min(rest.len());
        }
        let may_be_folded = self.escapes && self.at_written >= self.blanks_until;
        if may_be_folded && matches!(wanted, ' ' | '\n') {
            // One line end becomes a space, and of several all but one are line ends; the spaces around them are dropped.
            let (first, breaks, length) = white_space(rest);
            if wanted == '\n' && self.follows_a_joined_line() {
                // The others would be folded with the escaped line end.
                return first.unwrap_or(1);
            }
            match (wanted, first, breaks) {
                (' ', _, 1) | ('\n', _, 2) => return length,
                ('\n', Some(end), 3..) => return end,
                (_, None, _) => self.blanks_until = self.at_written + length,
                _ => {}
            }
        }
        if self.doubles && wanted == '\'' && rest.starts_with("''") {
            return 2;
        }
        match rest.chars().next() {
            // A space that isn't here in the file: a folded line end, or the last line's.
            Some(found) if wanted.is_whitespace() && !found.is_whitespace() => 0,
            Some(found) => found.len_utf8(),
            None => 0,
        }
    }
}

/// Returns the length of the line end at the beginning of a string; 0 if there is none. YAML has all three kinds.
fn line_break(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// Examines the white space at the beginning of a string: returns the position after its first line end, the number of line
/// ends, and its length. At most three line ends are examined.
fn white_space(text: &str) -> (Option<usize>, usize, usize) {
    let (mut first, mut breaks, mut at) = (None, 0, 0);
    while breaks < 3 {
        at += match text.as_bytes().get(at) {
            Some(b' ' | b'\t') => 1,
            Some(b'\r' | b'\n') => {
                breaks += 1;
                line_break(&text[at..])
            }
            _ => break,
        };
        if breaks == 1 && first.is_none() {
            first = Some(at);
        }
    }
    (first, breaks, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_places_are_those_of_each() {
        let written = "\"a \\\"b\\\" \\\n   c\"";
        let source = Source::new("", written);
        let scalar = Scalar {
            text: "a \"b\" c".to_owned(),
            span: Span::new(0, written.len()),
            style: Style::Quoted,
        };
        // The last one is earlier in the text: the traversal starts again.
        let ranges = [0..1, 2..5, 3..4, 6..7, 6..7, 0..1];
        let found = scalar.locate_all(&source, ranges.clone());
        let shown: Vec<&str> = found.iter().map(|span| source.slice(*span)).collect();
        assert_eq!(shown, ["a", "\\\"b\\\"", "b", "c", "c", "a"]);
        for (range, span) in ranges.into_iter().zip(found) {
            assert_eq!(scalar.locate(&source, range.start, range.end), span);
        }
    }

    /// White space is traversed once, however much there is.
    #[test]
    fn long_white_space_takes_no_square() {
        let many = 300_000;
        let (lines, blanks, slashes) = ("\n".repeat(many), " ".repeat(many), "\\".repeat(many));
        for (text, written) in [
            (format!("a{lines}b"), format!("\"a\n{lines}b\"")),
            (format!("a{blanks}b"), format!("\"a{blanks}b\"")),
            (
                format!("{slashes}{lines}b"),
                format!("\"{slashes}{slashes}\\\n{lines}b\""),
            ),
        ] {
            let source = Source::new("", &*written);
            let scalar = Scalar {
                span: Span::new(0, written.len()),
                style: Style::Quoted,
                text,
            };
            let begin = std::time::Instant::now();
            let found = scalar.locate(&source, scalar.text.len() - 1, scalar.text.len());
            assert_eq!(found, Span::new(written.len() - 2, written.len() - 1));
            assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
        }
    }
}
