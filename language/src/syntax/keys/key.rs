//! What the tables of keys consist of.

use crate::value::Form;

/// The shape of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A scalar; expressions are evaluated.
    Text,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A scalar that follows a pattern.
    Form(&'static Form),
    /// A scalar or a list of scalars.
    Texts,
    /// A mapping from names to scalars, or a list of `NAME=value`.
    TextMap,
    /// Any data, passed on as it is.
    Data,
    /// A mapping with these keys.
    Record(&'static Table),
    /// A mapping from names that the user chooses to values of this shape.
    Named(&'static Shape),
    /// A list of values of this shape.
    List(&'static Shape),
    /// A value of this shape, or a list of such values.
    OneOrMore(&'static Shape),
    /// A value of the first shape, or the long form of the second.
    Either(&'static Shape, &'static Shape),
}

impl Shape {
    /// Returns the keys of a mapping, also of one that is a long form.
    pub(crate) fn record(self) -> Option<&'static Table> {
        match self {
            Self::Record(table) => Some(table),
            Self::Either(_, long) => long.record(),
            _ => None,
        }
    }
}

/// Whether a key has to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    /// It may be left out.
    #[default]
    Optional,
    /// It can't be left out, and if it is a list, that isn't empty.
    Required,
    /// Of its table's keys with this presence exactly one has to be written.
    OneOf,
}

/// One key of a mapping.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// How it is written.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// What it means, in one or two sentences.
    pub meaning: &'static str,
    /// Whether it has to be written.
    pub presence: Presence,
    /// What counts when it isn't written, as Markdown: a value in backquotes (see [`Key::default_value`]), or words; empty if
    /// nothing is then as it was.
    pub default: &'static str,
    /// A value that it may have, as one would write it after the key, on one line of YAML; for the manual and for editors.
    pub example: &'static str,
}

impl Key {
    /// Returns the value that counts when the key isn't written, as YAML; `None` if there is none, or none that can be written.
    pub fn default_value(&self) -> Option<&'static str> {
        let value = self.default.strip_prefix('`')?.strip_suffix('`')?;
        (!value.contains('`')).then_some(value)
    }
}

/// The keys that a mapping may have.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// What the mapping is, with its article: "a stage".
    pub place: &'static str,
    /// The keys, in the order of the manual.
    pub keys: &'static [Key],
}

impl Table {
    /// Makes a name of the place that addresses and references can have: `run-step` of "a `run` step".
    pub fn slug(&self) -> String {
        let place = self
            .place
            .trim_start_matches("a ")
            .trim_start_matches("an ");
        let words = place.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join("-")
    }

    /// Returns the name of the key that says what the mapping is, where one does: `run` of a `run` step.
    pub fn main(&self) -> &'static str {
        self.keys.first().map_or("", |key| key.name)
    }

    /// Lists the names of the keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }

    /// Returns the key of a name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Lists the keys of a presence.
    pub fn present(&self, presence: Presence) -> impl Iterator<Item = &'static Key> {
        self.keys.iter().filter(move |key| key.presence == presence)
    }
}

/// Writes a [`Key`] on a few lines: name, shape, meaning, then its [`Presence`] or its default if it has one, and an example.
/// (A function's arguments would not live long enough for its references.)
macro_rules! key {
    ($name:literal, $shape:expr, $meaning:literal, example: $example:literal) => {
        $crate::syntax::keys::key!($name, $shape, $meaning, default: "", example: $example)
    };
    ($name:literal, $shape:expr, $meaning:literal, default: $default:literal, example: $example:literal) => {
        $crate::syntax::keys::Key {
            name: $name,
            shape: $shape,
            meaning: $meaning,
            presence: $crate::syntax::keys::Presence::Optional,
            default: $default,
            example: $example,
        }
    };
    ($name:literal, $shape:expr, $meaning:literal, $presence:ident, example: $example:literal) => {
        $crate::syntax::keys::Key {
            name: $name,
            shape: $shape,
            meaning: $meaning,
            presence: $crate::syntax::keys::Presence::$presence,
            default: "",
            example: $example,
        }
    };
}
pub(super) use key;
