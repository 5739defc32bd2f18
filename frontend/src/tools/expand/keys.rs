//! Building of keys and values.

use std::fmt::Write as _;
use std::time::Duration;

use crate::convert::node::{Entry, Node};

/// The keys of a mapping, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys(pub(super) Vec<Entry>);

impl Keys {
    pub(super) fn add(&mut self, key: &str, value: Node) {
        self.0.push(Entry::new(key, value));
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.add(key, text(value));
    }

    pub(super) fn optional(&mut self, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    pub(super) fn number<T: Copy + ToString>(&mut self, key: &str, value: Option<T>) {
        if let Some(value) = value {
            self.add(key, Node::bare(value));
        }
    }

    pub(super) fn mode(&mut self, key: &str, value: Option<u32>) {
        if let Some(value) = value {
            self.add(key, Node::Bare(format!("{value:04o}")));
        }
    }

    /// Writes a switch if it is on.
    pub(super) fn flag(&mut self, key: &str, value: bool) {
        if value {
            self.add(key, Node::bare(true));
        }
    }

    /// Writes strings, unless there are none.
    pub(super) fn texts(&mut self, key: &str, values: &[String]) {
        self.list(key, values.iter().map(|value| text(value)).collect());
    }

    /// Writes values, unless there are none.
    pub(super) fn list(&mut self, key: &str, values: Vec<Node>) {
        if !values.is_empty() {
            self.add(key, Node::one_or_list(values));
        }
    }

    /// Writes a mapping, unless it is empty.
    pub(super) fn map(&mut self, key: &str, value: Self) {
        if !value.0.is_empty() {
            self.add(key, Node::Map(value.0));
        }
    }

    /// Writes a duration, unless it is zero.
    pub(super) fn duration(&mut self, key: &str, value: Duration) {
        if !value.is_zero() {
            self.add(key, duration(value));
        }
    }

    /// Writes variables or labels; those without a value drop inherited ones.
    pub(super) fn overrides(&mut self, key: &str, values: &[(String, Option<String>)]) {
        let mut keys = Self::default();
        for (name, value) in values {
            match value {
                Some(value) => keys.text(name, value),
                None => keys.add(name, Node::Bare(String::new())),
            }
        }
        self.map(key, keys);
    }
}

/// Creates a literal string, in which expressions are escaped.
pub(super) fn text(value: &str) -> Node {
    Node::Text(literal(value))
}

/// Creates a literal script.
pub(super) fn script(value: &str) -> Node {
    Node::Script(literal(value))
}

/// Creates a list of strings.
pub(super) fn list(values: &[String]) -> Node {
    Node::List(values.iter().map(|value| text(value)).collect())
}

pub(super) fn duration(value: Duration) -> Node {
    let milliseconds = value.as_millis();
    Node::Bare(match milliseconds {
        0 => "0s".to_owned(),
        some if !some.is_multiple_of(1000) => format!("{some}ms"),
        some if !some.is_multiple_of(60_000) => format!("{}s", some / 1000),
        some if !some.is_multiple_of(3_600_000) => format!("{}m", some / 60_000),
        some => format!("{}h", some / 3_600_000),
    })
}

/// Writes a size with the largest suffix of which it is a multiple.
pub(super) fn size(bytes: u64) -> Node {
    let units = [(30, "g"), (20, "m"), (10, "k")];
    let unit = units
        .iter()
        .find(|(bits, _)| bytes > 0 && bytes.is_multiple_of(1 << bits));
    Node::Bare(match unit {
        Some((bits, suffix)) => format!("{}{suffix}", bytes >> bits),
        None => bytes.to_string(),
    })
}

/// Keeps `${{` from beginning an expression.
pub(super) fn literal(value: &str) -> String {
    value.replace("${{", "$${{")
}

/// Returns a string literal for expressions.
pub(super) fn quoted(value: &str) -> String {
    let mut quoted = String::from('"');
    for letter in value.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            // Two of them would end the expression for a parser that ignores strings.
            '}' => quoted.push_str("\\u007d"),
            letter if letter.is_control() => {
                _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
