//! The names of a Stagefile: which uses belong to which definition.

use std::collections::HashMap;
use std::ops::Range;

use stagefile_language::syntax::tree::{Entry, Node, Value};

/// The kind of thing that a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A stage.
    Stage,
    /// A build argument.
    Arg,
    /// A secret.
    Secret,
    /// A cache.
    Cache,
    /// An imported file.
    Import,
    /// A template.
    Template,
    /// An input of a template, or a variable of a matrix.
    Variable,
    /// An output of a stage.
    Output,
}

impl Kind {
    /// Returns the kind as a word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Arg => "build argument",
            Self::Secret => "secret",
            Self::Cache => "cache",
            Self::Import => "import",
            Self::Template => "template",
            Self::Variable => "input",
            Self::Output => "output",
        }
    }
}

/// A place in a file where a name is defined or used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// What the name belongs to.
    pub(super) kind: Kind,
    /// The name.
    pub(super) name: String,
    /// The import, template or stage that it is part of, if the name is only valid there. An imported template or stage
    /// has the import's name and a dot before it.
    pub(super) owner: Option<String>,
    /// The bytes of the name.
    pub(super) range: Range<usize>,
    /// Whether the name is defined here.
    pub(super) is_definition: bool,
    /// For a definition, the bytes of the whole definition.
    pub(super) whole: Range<usize>,
}

impl Site {
    /// Tells whether two sites name the same thing.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name == other.name && self.owner == other.owner
    }
}

/// The definitions of a file, by their names.
#[derive(Debug)]
pub(super) struct Definitions<'a> {
    sites: HashMap<(Kind, Option<&'a str>, &'a str), &'a Site>,
    /// The length of the longest name for which matrix combinations are searched.
    longest: usize,
}

impl<'a> Definitions<'a> {
    /// The maximum length of a name that is searched as a combination of a matrix. Nobody writes longer ones, and each
    /// part of a name takes time in proportion to its length.
    const MAX_NAME_LENGTH: usize = 1_000;

    /// Collects the definitions.
    pub(super) fn new(sites: &'a [Site]) -> Self {
        let mut found = HashMap::new();
        let mut longest = 0;
        for site in sites.iter().filter(|site| site.is_definition) {
            let key = (site.kind, site.owner.as_deref(), &*site.name);
            found.entry(key).or_insert(site);
            longest = longest.max(site.name.len().min(Self::MAX_NAME_LENGTH));
        }
        Self {
            sites: found,
            longest,
        }
    }

    /// Finds the definition of a name. A stage of a matrix can also be named with its values.
    pub(super) fn find(&self, site: &Site) -> Option<&'a Site> {
        let named = |name| {
            self.sites
                .get(&(site.kind, site.owner.as_deref(), name))
                .copied()
        };
        let heads = || site.name.match_indices('-').map(|(at, _)| &site.name[..at]);
        let heads = || heads().take_while(|head| head.len() <= self.longest);
        named(&site.name).or_else(|| heads().filter_map(named).min_by_key(|one| one.range.start))
    }
}

/// The import that every file has without declaring it.
pub(super) const STD: &str = stagefile_language::program::STD;

/// Lists the entries of a mapping; empty for anything else.
pub(super) fn entries(node: &Node) -> &[Entry] {
    match &node.value {
        Value::Mapping(entries) => entries,
        _ => &[],
    }
}

/// Returns the value of a key.
pub(super) fn child<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    entries(node)
        .iter()
        .find(|entry| entry.key.text == key)
        .map(|entry| &entry.value)
}

/// Finds names with their members in an expression, outside of strings.
pub(super) fn paths(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut start = None;
    let mut letters = text.char_indices().chain([(text.len(), ' ')]);
    while let Some((at, letter)) = letters.next() {
        if let Some(end) = quote {
            if letter == '\\' {
                letters.next();
            } else if letter == end {
                quote = None;
            }
            continue;
        }
        let is_part = letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
        match start {
            None if is_part => start = Some(at),
            Some(from) if !is_part => {
                found.push((from, &text[from..at]));
                start = None;
            }
            _ => {}
        }
        if matches!(letter, '"' | '\'') {
            quote = Some(letter);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::paths;

    #[test]
    fn names_in_strings_are_none() {
        let text = r#"args.A == "x\" args.B" + 'args.C' + matrix.d"#;
        let found: Vec<&str> = paths(text).into_iter().map(|(_, path)| path).collect();
        assert_eq!(found, ["args.A", "matrix.d"]);
    }
}
