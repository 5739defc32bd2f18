//! Conversion of the tree to typed values: the valid keys of each mapping, and the shape of each value.

mod assert;
mod file;
mod image;
mod limits;
mod origin;
mod remote;
mod settings;
mod stage;
mod step;
mod template;

pub(super) use file::file;

use std::collections::HashSet;
use std::sync::Arc;

use super::file::{Constant, Name};
use super::keys::{Presence, RUN, Record, Shape, Table};
use super::tree::{Entry, Node, Value};
use super::{Command, Scalar, Style};
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::{Language, Text};
use crate::source::{Source, Span, Spanned};

/// The state of reading.
pub(super) struct Reader<'a> {
    source: &'a Source,
    language: &'a Language,
    found: &'a mut Diagnostics,
    /// The names of invalid definitions.
    broken: HashSet<String>,
    /// The values that can be checked whether or not they are used.
    values: Vec<Constant>,
}

/// The entries of a mapping with known keys.
pub(super) struct Fields<'a> {
    table: &'static Table,
    /// By the table's keys, at most one for each. A key that is probably mistyped, which has been reported, counts as the key
    /// that was probably meant, so that one mistake causes one error.
    entries: Vec<(&'static str, &'a Entry)>,
    span: Span,
}

impl<'a> Fields<'a> {
    /// Returns the value of a key; a key without a value counts as missing.
    fn get(&self, key: &str) -> Option<&'a Node> {
        debug_assert!(
            self.table.key(key).is_some(),
            "{key} is not in the table of {}",
            self.table.place
        );
        self.entry(key)
            .map(|entry| &entry.value)
            .filter(|node| !node.is_null())
    }

    /// Returns a key with its value, even if it has none.
    fn entry(&self, key: &str) -> Option<&'a Entry> {
        let mut entries = self.entries.iter();
        entries
            .find(|(name, _)| *name == key)
            .map(|(_, entry)| *entry)
    }
}

impl Reader<'_> {
    /// Opens a mapping with a fixed set of keys, and reports unknown ones.
    fn fields<'n>(&mut self, node: &'n Node, table: &'static Table) -> Option<Fields<'n>> {
        let Value::Mapping(entries) = &node.value else {
            let span = self.short(node.span);
            self.found
                .push(diagnostics::not_a_mapping(table, node, span));
            return None;
        };
        let capacity = entries.len().min(table.keys.len());
        let mut known: Vec<(&'static str, &Entry)> = Vec::with_capacity(capacity);
        let mut meant: Vec<(&'static str, &Entry)> = Vec::new();
        let mut above = "";
        for entry in entries.iter() {
            let key = entry.key.text.as_str();
            if let Some(own) = table.key(key) {
                // A duplicate key has been reported already.
                match known.iter_mut().find(|(name, _)| *name == key) {
                    Some((_, other)) => *other = entry,
                    None => known.push((own.name, entry)),
                }
            } else if is_empty(&entry.key) {
                self.found.push(diagnostics::empty_key(entry.key.span));
            } else if !key.starts_with("x-") && !key.is_empty() && key != "<<" {
                let span = entry.key.span;
                let of_a_step = above == "steps" && RUN.key(key).is_some();
                let error = if of_a_step {
                    diagnostics::key_beside_steps(key, span, table)
                } else {
                    diagnostics::unknown_key(key, span, table)
                };
                let fix = error.fix.as_ref().map(|fix| fix.replacement.as_str());
                meant.extend(
                    fix.and_then(|fix| table.key(fix))
                        .map(|key| (key.name, entry)),
                );
                self.found.push(error);
            }
            above = key;
        }
        for (name, entry) in meant {
            if !known.iter().any(|(other, _)| *other == name) {
                known.push((name, entry));
            }
        }
        let fields = Fields {
            table,
            entries: known,
            span: node.span,
        };
        self.check_presence(&fields);
        for (name, entry) in &fields.entries {
            if let Some(key) = table.key(name) {
                self.collect(key.name, key.shape, &entry.value);
            }
        }
        Some(fields)
    }

    /// Reads a mapping with its own table.
    pub(super) fn record<R: Record>(&mut self, node: &Node) -> Option<R> {
        let fields = self.fields(node, R::TABLE)?;
        Some(R::read(self, &fields))
    }

    /// Reads a mapping with its own table, or the string that stands for it, which is returned with its location.
    fn long_form<R: Record>(
        &mut self,
        node: &Node,
        what: &str,
        short: impl FnOnce(Text, Span) -> R,
    ) -> Option<R> {
        if matches!(node.value, Value::Mapping(_)) {
            return self.record(node);
        }
        let span = self.short(node.span);
        self.string(node, what).map(|text| short(text, span))
    }

    /// Collects the values of a key that can be checked whether or not they are used. Mappings are handled when they are
    /// opened.
    fn collect(&mut self, key: &'static str, shape: Shape, node: &Node) {
        match (shape, &node.value) {
            (Shape::OneOrMore(inner) | Shape::List(inner), Value::Sequence(items)) => {
                for item in items.iter() {
                    // Where any string is valid, `~` is one.
                    let is_text = matches!(inner, Shape::Text | Shape::Texts | Shape::Data);
                    if item.is_null() && !is_text {
                        self.found.push(diagnostics::missing_value(key, item.span));
                    }
                    self.collect(key, *inner, item);
                }
            }
            (Shape::Either(short, _) | Shape::OneOrMore(short), Value::Scalar(_)) => {
                self.collect(key, *short, node);
            }
            (Shape::Flag | Shape::Word(_) | Shape::Form(_), Value::Scalar(scalar))
                if !scalar.is_null() && !scalar.text.contains("${{") =>
            {
                let scalar = Arc::clone(scalar);
                self.values.push(Constant { key, shape, scalar });
            }
            _ => {}
        }
    }

    /// Reports required keys that the mapping lacks.
    fn check_presence(&mut self, fields: &Fields<'_>) {
        let table = fields.table;
        for key in table.present(Presence::Required) {
            let empty =
                |node: &Node| matches!(&node.value, Value::Sequence(items) if items.is_empty());
            match fields.get(key.name) {
                Some(node) if !empty(node) => {}
                _ => {
                    if let Some(entry) = fields.entry(key.name) {
                        self.missing_value(entry);
                    } else {
                        let span = self.short_fields(fields);
                        let error = diagnostics::missing_key(key.name, table.place, span);
                        self.found.push(error);
                    }
                }
            }
        }
        // The last key in the text is the one too many; entries have no order.
        let mut written: Vec<Span> = table
            .present(Presence::OneOf)
            .filter_map(|key| fields.entry(key.name))
            .map(|entry| entry.key.span)
            .collect();
        written.sort_by_key(|span| span.start);
        if let [_, second, ..] = written[..] {
            self.found.push(diagnostics::one_key_of(table, second));
        } else if written.is_empty() && table.present(Presence::OneOf).next().is_some() {
            let span = self.short_fields(fields);
            self.found.push(diagnostics::one_key_of(table, span));
        }
    }

    /// Reports a key without a value, unless the value is invalid.
    fn missing_value(&mut self, entry: &Entry) {
        if !self.found.has_error_at(entry.value.span) {
            let error = diagnostics::missing_value(&entry.key.text, entry.key.span);
            self.found.push(error);
        }
    }

    /// Opens a mapping whose keys are names that the user chose.
    fn named<'n>(&mut self, node: &'n Node, place: &str) -> Vec<(Name, &'n Node)> {
        let Value::Mapping(entries) = &node.value else {
            let span = self.short(node.span);
            self.found.push(diagnostics::not_named(place, node, span));
            return Vec::new();
        };
        self.refuse_empty_keys(entries);
        // `x-` has no meaning here: it may begin the name of a stage, a label or a host.
        entries
            .iter()
            .map(|entry| (name(&entry.key), &entry.value))
            .collect()
    }

    /// Reports keys without letters.
    fn refuse_empty_keys(&mut self, entries: &[Entry]) {
        for entry in entries.iter().filter(|entry| is_empty(&entry.key)) {
            self.found.push(diagnostics::empty_key(entry.key.span));
        }
    }

    /// Reads a string with expressions.
    fn string(&mut self, node: &Node, what: &str) -> Option<Text> {
        if let Value::Scalar(scalar) = &node.value {
            // An invalid value is represented as null.
            if node.is_null() && self.found.has_error_at(node.span) {
                return None;
            }
            return Some(Text::read(scalar, self.source, self.language, self.found));
        }
        let span = self.short(node.span);
        if !self.found.has_error_at(span) {
            self.found.push(diagnostics::not_a_string(what, node, span));
        }
        None
    }

    /// Reads the string in a key.
    pub(super) fn string_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<Text> {
        fields.get(key).and_then(|node| self.string(node, key))
    }

    /// Reads a string, or a list of strings.
    fn strings(&mut self, node: &Node, what: &str) -> Vec<Text> {
        if let Value::Mapping(_) = &node.value {
            let span = self.short(node.span);
            self.found.push(diagnostics::not_strings(what, node, span));
            return Vec::new();
        }
        one_or_more(node)
            .iter()
            .filter_map(|node| self.string(node, what))
            .collect()
    }

    /// Reads the string in a key, or its list of strings.
    pub(super) fn strings_of(&mut self, fields: &Fields<'_>, key: &str) -> Vec<Text> {
        fields
            .get(key)
            .map(|node| self.strings(node, key))
            .unwrap_or_default()
    }

    /// Reads a mapping of strings, or a list of `NAME=value`.
    pub(super) fn string_map_of(&mut self, fields: &Fields<'_>, key: &str) -> Vec<(Name, Text)> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        let Value::Sequence(items) = &node.value else {
            let named = self.named(node, key);
            // As everywhere, a key without a value counts as missing.
            return named
                .into_iter()
                .filter(|(_, node)| !node.is_null())
                .filter_map(|(name, node)| {
                    let text = self.string(node, &name.value)?;
                    Some((name, text))
                })
                .collect();
        };
        items
            .iter()
            .filter_map(|item| self.assignment(item, key))
            .collect()
    }

    /// Reads `NAME=value`.
    fn assignment(&mut self, node: &Node, what: &str) -> Option<(Name, Text)> {
        if let Value::Scalar(scalar) = &node.value
            && let Some((name, value)) = scalar.text.split_once('=')
        {
            let at = name.len() + 1;
            let place = |start, end| scalar.locate(self.source, start, end);
            if name.is_empty() {
                self.found.push(diagnostics::empty_key(place(0, at)));
            }
            let value = Scalar {
                text: value.to_owned(),
                span: place(at, scalar.text.len()),
                style: scalar.style,
            };
            let name = Spanned::new(name.to_owned(), place(0, name.len()));
            let value = Text::read(&Arc::new(value), self.source, self.language, self.found);
            return Some((name, value));
        }
        self.found.push(diagnostics::not_an_assignment(
            what,
            node.description(),
            self.short(node.span),
        ));
        None
    }

    /// Reads a command: a string for the shell, or a list.
    fn command(&mut self, node: &Node, what: &str) -> Option<Command> {
        if let Value::Sequence(_) = &node.value {
            return Some(Command::Arguments(self.strings(node, what), node.span));
        }
        self.string(node, what).map(Command::Script)
    }

    /// Returns the first line of a span, so that a label doesn't underline half of a file.
    fn short(&self, span: Span) -> Span {
        let text = self.source.slice(span);
        let length = text
            .find('\n')
            .map_or(text.len(), |at| text[..at].trim_end().len());
        Span::new(span.start, span.start + length)
    }

    pub(super) fn short_fields(&self, fields: &Fields<'_>) -> Span {
        self.short(fields.span)
    }
}

/// Reports whether a key is written without letters; the text of an invalid key is empty too.
fn is_empty(key: &Scalar) -> bool {
    let is_written = key.style == Style::Quoted || key.span.start == key.span.end;
    key.text.is_empty() && is_written
}

fn name(scalar: &Scalar) -> Name {
    Spanned::new(scalar.text.clone(), scalar.span)
}

/// Returns a list's items, or the node itself if it isn't a list.
fn one_or_more(node: &Node) -> &[Node] {
    match &node.value {
        Value::Sequence(items) => items,
        _ => std::slice::from_ref(node),
    }
}
