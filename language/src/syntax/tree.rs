//! The YAML file as a tree of keys and values with their locations.
//!
//! The tree is built from the parser's events without recursion. Aliases share the node that they refer to. The size of the
//! file with all aliases expanded, in values and in bytes, is limited, so that a small file can't expand to a huge one.

use std::collections::{HashMap, hash_map};
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::scalar::{Scalar, Style};
use crate::budget::Size;
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::source::{Source, Span};

/// The maximum size of a file in bytes; the gateway crate reads no larger one.
pub const MAX_BYTES: usize = 4 << 20;
/// The maximum nesting depth of mappings and lists.
pub const MAX_DEPTH: usize = 64;
/// The maximum number of keys that are searched linearly.
const MAX_LINEAR_SEARCH: usize = 16;
/// The maximum number of nodes in a file, counting each alias as the node that it refers to.
pub const MAX_NODES: usize = 1_000_000;
/// The maximum size of the strings in a file in bytes, counting each alias as the strings that it refers to.
pub const MAX_WRITTEN: usize = 16 << 20;

/// A value with its location.
#[derive(Clone, Debug)]
pub struct Node {
    /// The location in the file.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// The value of a node.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string, number, boolean or null: the type is determined by the reader of the node.
    Scalar(Arc<Scalar>),
    /// A list.
    Sequence(Arc<Vec<Node>>),
    /// A mapping, in the order of the file.
    Mapping(Arc<Vec<Entry>>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Arc<Scalar>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Returns the kind of node, for error messages.
    pub fn description(&self) -> &'static str {
        match &self.value {
            Value::Scalar(scalar) if scalar.is_null() => "nothing",
            Value::Scalar(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// Returns the text of a scalar.
    pub fn string(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// Reports whether there is no value: it is empty, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.is_null())
    }
}

/// Parses a file into a tree; `None` after a fatal error.
pub fn read(source: &Source, found: &mut Diagnostics) -> Option<Node> {
    read_after(Size::default(), source, found).map(|(root, _)| root)
}

/// Parses a file whose size counts together with others; also returns its own size.
pub(super) fn read_after(
    others: Size,
    source: &Source,
    found: &mut Diagnostics,
) -> Option<(Node, Size)> {
    if source.text().len() > MAX_BYTES {
        let (length, start) = (source.text().len(), source.span(0, 0));
        found.push(diagnostics::file_too_large(length, MAX_BYTES, start));
        return None;
    }
    let mut builder = Builder {
        source,
        found,
        open: Vec::new(),
        anchors: HashMap::new(),
        root: None,
        size: others,
    };
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    options.emit_unresolved_aliases = true;
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    for event in Parser::new_from_str_with_options(source.text(), options) {
        match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or_default();
                let span = source.span(range.start, range.end);
                if !builder.take(event, span) {
                    return None;
                }
            }
            Err(error) => {
                builder.refuse(&error);
                return None;
            }
        }
    }
    let (root, size) = (builder.root.take(), builder.size);
    if root.is_none() {
        found.push(diagnostics::empty_file(source.span(0, 0)));
    }
    let size = Size {
        values: size.values - others.values,
        bytes: size.bytes - others.bytes,
    };
    root.map(|root| (root, size))
}

/// A collection that is still being read.
struct Open {
    content: Content,
    /// The location of its first character.
    start: Span,
    /// Whether it is a flow collection, whose end has a location.
    flow: bool,
    anchor: usize,
    /// The size when it began.
    before: Size,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        key: Option<Arc<Scalar>>,
        /// The locations of the keys, if there are many: a few are found as fast among the entries.
        places: HashMap<String, Span>,
    },
    /// A mapping or list used as a key, which is an error; its content is skipped.
    Ignored,
}

impl Content {
    fn mapping() -> Self {
        Self::Mapping {
            entries: Vec::new(),
            key: None,
            places: HashMap::new(),
        }
    }
}

struct Builder<'a> {
    source: &'a Source,
    found: &'a mut Diagnostics,
    open: Vec<Open>,
    /// By anchor: the node, and its size.
    anchors: HashMap<usize, (Node, Size)>,
    root: Option<Node>,
    size: Size,
}

impl Builder<'_> {
    /// Handles an event; returns `false` if the file can't be parsed any further.
    fn take(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                self.found.push(diagnostics::several_documents(span));
                return false;
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    _ => Style::Block,
                };
                // The parser reports `~` for an empty value.
                let text = if span.start == span.end {
                    String::new()
                } else {
                    text.into_owned()
                };
                // The parser's end of a block is where the next item begins; a label that underlines its blank end would
                // point at that.
                let span = match style {
                    Style::Block => {
                        let length = self.source.slice(span).trim_end().len();
                        Span::new(span.start, span.start + length)
                    }
                    _ => span,
                };
                let size = Size::of(&text);
                let scalar = Arc::new(Scalar { text, span, style });
                self.place(
                    Node {
                        span,
                        value: Value::Scalar(scalar),
                    },
                    anchor,
                    size,
                );
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.open(Content::Sequence(Vec::new()), style, anchor, span);
            }
            Event::MappingStart(style, anchor, tag) => {
                self.refuse_tag(tag.is_some(), span);
                self.open(Content::mapping(), style, anchor, span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(id) => {
                // The node keeps the location of its definition, which is where a mistake in it has to be reported.
                let Some((node, size)) = self.anchors.get(&id).cloned() else {
                    self.found.push(diagnostics::recursive_alias(span));
                    return false;
                };
                self.place(node, 0, size);
            }
            Event::UnresolvedAlias(name) => {
                self.found.push(diagnostics::unknown_alias(&name, span));
                self.place(
                    Node {
                        span,
                        value: Value::Scalar(nothing(span)),
                    },
                    0,
                    Size::of(""),
                );
            }
            _ => {}
        }
        if self.size.values > MAX_NODES {
            self.found
                .push(diagnostics::too_many_nodes(span, MAX_NODES));
            return false;
        }
        if self.size.bytes > MAX_WRITTEN {
            self.found
                .push(diagnostics::too_many_bytes(span, MAX_WRITTEN));
            return false;
        }
        true
    }

    fn refuse_tag(&mut self, tagged: bool, span: Span) {
        if tagged {
            self.found.push(diagnostics::tag(span));
        }
    }

    fn open(&mut self, content: Content, style: StructureStyle, anchor: usize, start: Span) {
        let flow = style == StructureStyle::Flow;
        let content = match self.open.last().map(|open| &open.content) {
            Some(Content::Ignored) => Content::Ignored,
            Some(Content::Mapping { key: None, .. }) => {
                self.found.push(diagnostics::key_not_text(start));
                Content::Ignored
            }
            _ => content,
        };
        self.open.push(Open {
            content,
            start,
            flow,
            anchor,
            before: self.size,
        });
    }

    fn close(&mut self, end: Span) {
        let Some(Open {
            content,
            start,
            flow,
            anchor,
            before,
        }) = self.open.pop()
        else {
            return;
        };
        let (last, value) = match content {
            Content::Sequence(items) => (
                items.last().map(|item| item.span),
                Value::Sequence(Arc::new(items)),
            ),
            Content::Mapping { entries, .. } => (
                entries.last().map(|entry| entry.value.span),
                Value::Mapping(Arc::new(entries)),
            ),
            Content::Ignored => {
                // If it was a key, it is replaced by nothing, so that the value still has a key.
                if !matches!(
                    self.open.last(),
                    Some(Open {
                        content: Content::Ignored,
                        ..
                    })
                ) {
                    self.place_key(nothing(start));
                }
                return;
            }
        };
        // The end of a block collection has no character, and aliased values are elsewhere.
        let end = if flow {
            end.end
        } else {
            last.map_or(start.end, |last| last.end)
        };
        let size = Size {
            values: 1 + self.size.values - before.values,
            bytes: self.size.bytes - before.bytes,
        };
        self.size = before;
        self.place(
            Node {
                span: Span::new(start.start, end),
                value,
            },
            anchor,
            size,
        );
    }

    /// Adds a complete node to its parent.
    fn place(&mut self, node: Node, anchor: usize, size: Size) {
        self.size = self.size + size;
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::Ignored) => {}
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { entries, key, .. }) => match (key.take(), node.value) {
                (Some(key), value) => entries.push(Entry {
                    key,
                    value: Node {
                        span: node.span,
                        value,
                    },
                }),
                (None, Value::Scalar(scalar)) => self.place_key(scalar),
                (None, _) => {
                    self.found.push(diagnostics::key_not_text(node.span));
                    self.place_key(nothing(node.span));
                }
            },
        }
    }

    fn place_key(&mut self, scalar: Arc<Scalar>) {
        let Some(Open {
            content:
                Content::Mapping {
                    entries,
                    key,
                    places,
                },
            ..
        }) = self.open.last_mut()
        else {
            return;
        };
        if let Some(expression) = cut_expression(&scalar, self.source) {
            self.found
                .push(diagnostics::expression_with_colon(expression));
        } else if scalar.text == "<<" && scalar.style == Style::Plain {
            self.found.push(diagnostics::merge_key(scalar.span));
        } else if let Some(first) = first_place(&scalar, entries, places) {
            self.found
                .push(diagnostics::duplicate_key(&scalar.text, scalar.span, first));
        }
        *key = Some(scalar);
    }

    fn refuse(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or_default();
        self.found.push(diagnostics::invalid_yaml(
            self.source,
            at,
            error.kind(),
            &error.info(),
        ));
    }
}

/// Returns the location of the first occurrence of a duplicate key, in constant time.
fn first_place(
    key: &Scalar,
    entries: &[Entry],
    places: &mut HashMap<String, Span>,
) -> Option<Span> {
    if entries.len() < MAX_LINEAR_SEARCH {
        let mut keys = entries.iter().map(|entry| &entry.key);
        return keys.find(|one| one.text == key.text).map(|one| one.span);
    }
    if places.is_empty() {
        let keys = entries.iter().map(|entry| &entry.key);
        // If two are equal, the first one counts.
        places.extend(keys.rev().map(|key| (key.text.clone(), key.span)));
    }
    match places.entry(key.text.clone()) {
        hash_map::Entry::Occupied(first) => Some(*first.get()),
        hash_map::Entry::Vacant(place) => {
            place.insert(key.span);
            None
        }
    }
}

/// Creates a scalar in place of something unusable.
fn nothing(span: Span) -> Arc<Scalar> {
    Arc::new(Scalar {
        text: String::new(),
        span,
        style: Style::Plain,
    })
}

/// Finds the expression of which YAML treated the first part as a key.
fn cut_expression(key: &Scalar, source: &Source) -> Option<Span> {
    let start = key.text.find("${{")?;
    if key.style != Style::Plain || key.text[start..].contains("}}") {
        return None;
    }
    let start = key.locate(source, start, key.text.len()).start;
    let rest = source
        .text()
        .get(start - source.start()..)?
        .lines()
        .next()?;
    let length = rest.find("}}").map_or(rest.len(), |at| at + "}}".len());
    Some(Span::new(start, start + length))
}
