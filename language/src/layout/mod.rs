//! The standard format of files: indentation and space between words. Comments and everything else are unchanged.
//!
//! Lines keep their order and their words. Afterwards, the content of the file and its comments are compared. If either has
//! changed, the file is left unchanged.

mod flow;
mod lines;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use crate::syntax::tree::MAX_DEPTH;

/// The indentation per level.
const STEP: usize = 2;

/// The maximum number of times that a file is formatted until nothing changes any more.
const MAX_ROUNDS: usize = 4;

/// The structure of a file.
#[derive(Debug, Default)]
struct Layout {
    /// Block mappings and lists, sorted by their first bytes.
    blocks: Vec<Block>,
    /// Everything that spans several lines.
    spans: Vec<Several>,
    /// The positions of keys and of their values, if both are on the same line.
    keys: Vec<(usize, usize)>,
    /// Comments: their positions and texts.
    comments: Vec<(usize, String)>,
    /// Flow mappings and lists on one line.
    flows: Vec<(usize, usize)>,
    /// The content of the file, independent of its format.
    content: Vec<Said>,
}

/// A part of a file's content.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// A string, whether it is quoted or a block, and its anchor.
    Scalar(String, bool, usize),
    /// A node that has an anchor, or an undefined alias.
    Alias(String),
    /// The beginning of a list, with its anchor.
    List(usize),
    /// The beginning of a mapping, with its anchor.
    Mapping(usize),
    /// The end of a list or mapping.
    End,
    /// The beginning of a document.
    Document,
}

impl Said {
    fn from_event(event: &Event<'_>) -> Option<Self> {
        Some(match event {
            Event::Scalar(text, style, anchor, _) => {
                Self::Scalar(text.to_string(), *style == ScalarStyle::Plain, *anchor)
            }
            Event::Alias(anchor) => Self::Alias(anchor.to_string()),
            Event::UnresolvedAlias(name) => Self::Alias(name.to_string()),
            Event::SequenceStart(_, anchor, _) => Self::List(*anchor),
            Event::MappingStart(_, anchor, _) => Self::Mapping(*anchor),
            Event::SequenceEnd | Event::MappingEnd => Self::End,
            Event::DocumentStart(..) => Self::Document,
            _ => return None,
        })
    }
}

/// A block mapping or list.
#[derive(Debug)]
struct Block {
    start: usize,
    end: usize,
    is_list: bool,
    depth: usize,
}

/// A scalar or a flow collection that spans several lines.
#[derive(Debug)]
struct Several {
    start: usize,
    end: usize,
    kind: SeveralKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SeveralKind {
    /// A block scalar, whose content begins on the line after its header.
    Block,
    /// A quoted scalar.
    Quoted,
    /// A plain scalar, or a flow collection.
    Other,
}

/// Formats a file. `None` if it isn't YAML, or uses syntax that can't be preserved.
pub fn format(text: &str) -> Option<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n");
    let before = Layout::read(&text)?;
    let mut formatted = lines::formatted(&text, &before);
    // Changes in one round may enable others in the next.
    for _ in 0..MAX_ROUNDS {
        let layout = Layout::read(&formatted)?;
        let next = lines::formatted(&formatted, &layout);
        if next == formatted {
            let said = |layout: &Layout| {
                let comments = layout.comments.iter();
                comments
                    .map(|(_, comment)| comment.clone())
                    .collect::<Vec<_>>()
            };
            let is_same = before.content == layout.content && said(&before) == said(&layout);
            return is_same.then_some(formatted);
        }
        formatted = next;
    }
    None
}

/// A collection that is still being read.
struct Open {
    start: usize,
    is_list: bool,
    is_block: bool,
    /// For a mapping: the end of the key whose value is pending.
    key: Option<usize>,
    expects_key: bool,
    depth: usize,
}

impl Layout {
    fn read(text: &str) -> Option<Self> {
        let mut layout = Self::default();
        let mut options = granit_parser::Options::default();
        options.set_emit_comments(true);
        options.emit_unresolved_aliases = true;
        options.flow_nesting_limit = MAX_DEPTH;
        options.block_nesting_limit = MAX_DEPTH;
        let mut open: Vec<Open> = Vec::new();
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) = event.ok()?;
            let range = span.byte_range().unwrap_or_default();
            layout.content.extend(Said::from_event(&event));
            match event {
                Event::Comment(words, _) => {
                    layout
                        .comments
                        .push((range.start, words.trim_end().to_owned()));
                }
                Event::Scalar(_, style, ..) => {
                    layout.add_scalar(text, range.start, range.end, style);
                    layout.place(&mut open, range.start, range.end, text);
                }
                Event::Alias(_) | Event::UnresolvedAlias(_) => {
                    layout.place(&mut open, range.start, range.end, text);
                }
                Event::SequenceStart(style, ..) | Event::MappingStart(style, ..) => {
                    let is_list = matches!(event, Event::SequenceStart(..));
                    let is_block = style == StructureStyle::Block;
                    let parent = open.last();
                    let start = parent
                        .filter(|open| is_list && is_block && !open.is_list)
                        .and_then(|open| beside(text, open.start, range.start))
                        .unwrap_or(range.start);
                    let parent = parent.map_or(0, |open| open.depth + usize::from(open.is_block));
                    if !is_block {
                        layout.place(&mut open, range.start, range.end, text);
                    } else if let Some(parent) = open.last_mut() {
                        parent.expects_key = true;
                        parent.key = None;
                    }
                    open.push(Open {
                        start,
                        is_list,
                        is_block,
                        key: None,
                        expects_key: !is_list,
                        depth: parent,
                    });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let closed = open.pop()?;
                    let end = if closed.is_block {
                        range.start
                    } else {
                        range.end
                    };
                    if closed.is_block {
                        layout.blocks.push(Block {
                            start: closed.start,
                            end,
                            is_list: closed.is_list,
                            depth: closed.depth,
                        });
                    } else if !open.iter().any(|open| !open.is_block) {
                        layout.add_flow(text, closed.start, end);
                    }
                }
                _ => {}
            }
        }
        layout
            .blocks
            .sort_by_key(|block| (block.start, block.depth));
        layout.comments.sort_by_key(|(start, _)| *start);
        Some(layout)
    }

    fn add_scalar(&mut self, text: &str, start: usize, end: usize, style: ScalarStyle) {
        let kind = match style {
            ScalarStyle::Plain => SeveralKind::Other,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => SeveralKind::Quoted,
            _ => SeveralKind::Block,
        };
        let is_block = kind == SeveralKind::Block;
        if is_block || text[start..end].contains('\n') {
            self.spans.push(Several { start, end, kind });
        }
    }

    fn add_flow(&mut self, text: &str, start: usize, end: usize) {
        if text[start..end].contains('\n') {
            let kind = SeveralKind::Other;
            self.spans.push(Several { start, end, kind });
        } else {
            self.flows.push((start, end));
        }
    }

    /// Records the position of a value or a key.
    fn place(&mut self, open: &mut [Open], start: usize, end: usize, text: &str) {
        let Some(parent) = open.last_mut().filter(|open| !open.is_list) else {
            return;
        };
        if parent.expects_key {
            parent.key = Some(end);
        } else if let Some(key) = parent.key.take()
            && parent.is_block
            && end > start
            && text
                .get(key..start)
                .is_some_and(|between| !between.contains('\n'))
        {
            self.keys.push((key, start));
        }
        parent.expects_key = !parent.expects_key;
    }
}

/// Returns the position of the first dash of a list with the same indentation as the mapping that contains it. The parser only
/// reports the position of its first item.
fn beside(text: &str, mapping: usize, item: usize) -> Option<usize> {
    let column = |at: usize| at - text[..at].rfind('\n').map_or(0, |end| end + 1);
    let mut end = text[item..].find('\n').map_or(text.len(), |end| item + end);
    while end > mapping {
        let start = text[..end].rfind('\n').map_or(0, |end| end + 1);
        let line = &text[start..end];
        let dash = start + line.len() - line.trim_start_matches(' ').len();
        let words = &text[dash..end];
        if words == "-" || words.starts_with("- ") {
            return (dash < item && column(dash) == column(mapping)).then_some(dash);
        }
        if !words.is_empty() && !words.starts_with('#') && start > item {
            return None;
        }
        end = start.saturating_sub(1);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn files_are_laid_out() {
        for (text, expected) in [
            ("a:   1\n", "a: 1\n"),
            ("a :  1", "a: 1\n"),
            ("a:    {b: 1}\nc:   [x]\n", "a: { b: 1 }\nc: [x]\n"),
            ("\n\na: 1\n\n\n\nb: 2\n\n", "a: 1\n\nb: 2\n"),
            ("a:\n    b:\n        c: 1\n", "a:\n  b:\n    c: 1\n"),
            ("a:\n- b\n-   c\n", "a:\n  - b\n  - c\n"),
            ("a:\n  -   b: 1\n      c: 2\n", "a:\n  - b: 1\n    c: 2\n"),
            (
                "a: {b: 1,c: [x,y ], }   # why\n",
                "a: { b: 1, c: [x, y] }   # why\n",
            ),
            ("a: {}\nb: [ ]\n", "a: {}\nb: []\n"),
            (
                "a: {b: 'x,{y', c: \"[ \\\" ,\"}\n",
                "a: { b: 'x,{y', c: \"[ \\\" ,\" }\n",
            ),
            (
                "a:\n   # of b\n   b: |\n       one\n         two\n\n       three  \n   # last\nc: 1\n",
                "a:\n  # of b\n  b: |\n    one\n      two\n\n    three  \n  # last\nc: 1\n",
            ),
            (
                "a:\n    - b: |2\n          x\n         y\n",
                "a:\n  - b: |2\n        x\n       y\n",
            ),
            (
                "a:\n    b: \"x\n      y\"\n    c: [1,\n       2]\n",
                "a:\n  b: \"x\n    y\"\n  c: [1,\n     2]\n",
            ),
            ("a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"),
            ("a: 1\r\nb: |\r\n  x\r\n", "a: 1\nb: |\n  x\n"),
            ("- a\n-  - b\n   - c\n", "- a\n- - b\n  - c\n"),
            ("a: &x { b: 1 }\nc: *x\n", "a: &x { b: 1 }\nc: *x\n"),
            ("# only\n\n\n# comments\n", "# only\n\n# comments\n"),
            ("a:\n  # nothing\nb:\n", "a:\n  # nothing\nb:\n"),
            ("", ""),
        ] {
            let formatted = format(text);
            assert_eq!(formatted.as_deref(), Some(expected), "{text:?}");
            assert_eq!(format(expected).as_deref(), Some(expected), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_yaml_is_left_alone() {
        for text in ["a: [", "a: b: c", "'", "a: 1\n b: 2"] {
            assert_eq!(format(text), None, "{text:?}");
        }
    }
}
