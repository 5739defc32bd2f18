//! What the tables of keys consist of.

use super::Form;

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
    /// What it means, in one or two sentences; `` `default` `` facts included.
    pub meaning: &'static str,
    /// Whether it has to be written.
    pub presence: Presence,
    /// A value that it may have, on one line of YAML; for the manual and for editors.
    pub example: &'static str,
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

/// Writes a [`Key`] on a few lines: name, shape, meaning, and if need be its [`Presence`] and an example. (A function's
/// arguments would not live long enough for its references.)
macro_rules! key {
    ($name:literal, $shape:expr, $meaning:literal) => {
        $crate::syntax::keys::key!($name, $shape, $meaning, Optional, example: "")
    };
    ($name:literal, $shape:expr, $meaning:literal, example: $example:literal) => {
        $crate::syntax::keys::key!($name, $shape, $meaning, Optional, example: $example)
    };
    ($name:literal, $shape:expr, $meaning:literal, $presence:ident) => {
        $crate::syntax::keys::key!($name, $shape, $meaning, $presence, example: "")
    };
    ($name:literal, $shape:expr, $meaning:literal, $presence:ident, example: $example:literal) => {
        $crate::syntax::keys::Key {
            name: $name,
            shape: $shape,
            meaning: $meaning,
            presence: $crate::syntax::keys::Presence::$presence,
            example: $example,
        }
    };
}
pub(super) use key;
