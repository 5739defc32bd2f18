//! The description of a vertex.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::few::UpToTwo;

/// The entries of a description, sorted by key. Nearly always the only entry is the vertex's name,
/// so a list takes a fraction of the memory of a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Description(UpToTwo<(Cow<'static, str>, String)>);

/// A shared description: a vertex and its metadata hold the same one.
pub(crate) type SharedDescription = Arc<Description>;

impl Description {
    pub(crate) fn insert(&mut self, key: Cow<'static, str>, value: String) {
        match self.find(&key) {
            Ok(position) => self.0[position].1 = value,
            Err(position) => self.0.insert(position, (key, value)),
        }
    }

    /// Adds the entries of another description, which take precedence.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (key, value) in other.0.iter() {
            self.insert(key.clone(), value.clone());
        }
    }

    /// Reports whether this description has all keys of another one, and so replaces it as a whole.
    pub(crate) fn has_all_of(&self, other: &Self) -> bool {
        other.0.iter().all(|(key, _)| self.find(key).is_ok())
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.find(key)
            .ok()
            .map(|position| self.0[position].1.as_str())
    }

    /// Iterates over the entries, sorted by key.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, value.as_str()))
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(key))
    }
}

impl From<BTreeMap<String, String>> for Description {
    fn from(entries: BTreeMap<String, String>) -> Self {
        let entries = entries.into_iter();
        Self(entries.map(|(key, value)| (key.into(), value)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_sorted_and_the_last_value_counts() {
        let mut description = Description::default();
        for (key, value) in [("b", "1"), ("a", "2"), ("c", "3"), ("b", "4")] {
            description.insert(key.into(), value.to_owned());
        }
        let entries: Vec<_> = description.iter().collect();
        assert_eq!(entries, [("a", "2"), ("b", "4"), ("c", "3")]);
        assert_eq!(
            (description.get("a"), description.get("d")),
            (Some("2"), None)
        );
    }
}
