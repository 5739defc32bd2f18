//! The positions of an instruction's parts in the text of its file.

use std::ops::Range;

use crate::parser::{continuation, is_comment, without_end};

/// An instruction with its lines joined like in the parser, and the position of each part in the file.
#[derive(Debug)]
pub(super) struct Layout {
    /// The joined text.
    pub joined: String,
    /// The start of each line: in the joined text, and in the file.
    pieces: Vec<(usize, usize)>,
    /// The empty lines inside the instruction, which the joined text doesn't contain.
    pub empty_lines: Vec<Range<usize>>,
}

impl Layout {
    /// Reads the instruction that begins at a byte offset of the text, like the parser. Heredocs and other text after
    /// it aren't included.
    pub(super) fn read(text: &str, start: usize, escape: char) -> Self {
        let mut layout = Self {
            joined: String::new(),
            pieces: Vec::new(),
            empty_lines: Vec::new(),
        };
        let mut at = start;
        for line in text[start..].split_inclusive('\n') {
            let begin = at;
            at += line.len();
            let content = without_end(line);
            let is_first = begin == start;
            let skipped = if is_first {
                content.len() - content.trim_start().len()
            } else {
                0
            };
            if is_comment(line) {
                // If the first line is a comment, there is no instruction here.
                if is_first {
                    break;
                }
                continue;
            }
            if !is_first && content.trim_start().is_empty() {
                layout.empty_lines.push(begin..at);
                continue;
            }
            let (content, is_complete) = continuation(&content[skipped..], escape);
            layout.pieces.push((layout.joined.len(), begin + skipped));
            layout.joined.push_str(content);
            if is_complete {
                break;
            }
        }
        layout
    }

    /// Returns the position in the file of a part of the joined text, if it is within one line.
    pub(super) fn place(&self, part: Range<usize>) -> Option<Range<usize>> {
        let piece = |at: usize| {
            let next = self.pieces.partition_point(|(joined, _)| *joined <= at);
            next.checked_sub(1).map(|index| (index, self.pieces[index]))
        };
        let (first, (joined, raw)) = piece(part.start)?;
        let (last, _) = piece(part.end.saturating_sub(1).max(part.start))?;
        (first == last).then(|| part.start - joined + raw..part.end - joined + raw)
    }

    /// Returns the extent in the file of a part of the joined text, including any lines in between.
    pub(super) fn extent(&self, part: &Range<usize>) -> Option<Range<usize>> {
        let last = part.end.checked_sub(1)?.max(part.start);
        let start = self.place(part.start..part.start + 1)?.start;
        Some(start..self.place(last..last + 1)?.end)
    }

    /// Returns the position of a slice of the joined text.
    pub(super) fn offset(&self, part: &str) -> Range<usize> {
        // Both are addresses in the same string.
        let start = (part.as_ptr() as usize).saturating_sub(self.joined.as_ptr() as usize);
        start..start + part.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_across_lines_and_comments() {
        let text = "FROM x\n  RUN a \\\n# no\n\n b\\\r\nc\nnext";
        let layout = Layout::read(text, 7, '\\');
        assert_eq!(layout.joined, "RUN a  bc");
        let at = |part: &str| {
            let start = layout.joined.find(part).unwrap();
            let place = layout.place(start..start + part.len());
            place.map(|place| &text[place])
        };
        assert_eq!(at("RUN a "), Some("RUN a "));
        assert_eq!(at(" b"), Some(" b"));
        assert_eq!(at("bc"), None);
        let extent = layout.extent(&(4..9)).unwrap();
        assert_eq!(&text[extent], "a \\\n# no\n\n b\\\r\nc");
        let [empty] = layout.empty_lines.as_slice() else {
            panic!("{:?}", layout.empty_lines);
        };
        assert_eq!(&text[empty.clone()], "\n");
    }
}
