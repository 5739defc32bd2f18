//! The output: keys with values, and comments above them.

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// A string, quoted if necessary.
    Text(String),
    /// A number, a mode or a switch, written unchanged. Empty for a key without a value.
    Bare(String),
    /// A script: a string that is written as a block rather than with quotes.
    Script(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, on one line if it fits.
    Map(Vec<Entry>),
    /// A mapping with one line per key.
    Block(Vec<Entry>),
    /// A list of mappings on separate lines.
    Items(Vec<Item>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The comments above it, without comment signs.
    pub comments: Vec<String>,
    pub key: String,
    pub value: Node,
    /// Whether there is an empty line before it.
    pub spaced: bool,
}

/// A mapping in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub comments: Vec<String>,
    pub entries: Vec<Entry>,
}

impl Node {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn bare<T: Copy + ToString>(value: T) -> Self {
        Self::Bare(value.to_string())
    }

    /// Returns a single string as it is, and several as a list.
    pub(crate) fn one_or_list(mut items: Vec<Self>) -> Self {
        if items.len() == 1 {
            items.remove(0)
        } else {
            Self::List(items)
        }
    }
}

impl Entry {
    pub(crate) fn new(key: impl Into<String>, value: Node) -> Self {
        Self {
            comments: Vec::new(),
            key: key.into(),
            value,
            spaced: false,
        }
    }

    pub(crate) fn with_comments(mut self, comments: &[String]) -> Self {
        self.comments.extend_from_slice(comments);
        self
    }

    pub(crate) fn spaced(mut self) -> Self {
        self.spaced = true;
        self
    }
}
