//! Options as the client sent them, by name.

use std::collections::BTreeMap;

pub(super) const BUILD_ARG: &str = "build-arg:";

/// Options as the client sent them.
#[derive(Clone, Copy)]
pub(super) struct Given<'a>(pub &'a BTreeMap<String, String>);

impl<'a> Given<'a> {
    /// Returns an option. An empty option counts as missing.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        let value = self.0.get(name)?;
        (!value.is_empty()).then_some(value)
    }

    /// Returns an option as an owned string.
    pub(super) fn text(self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// Returns a build argument, unless it is empty.
    pub(super) fn argument(self, name: &str) -> Option<&'a str> {
        self.get(&format!("{BUILD_ARG}{name}"))
    }

    /// Returns all options with a prefix, by the rest of their name.
    pub(super) fn with_prefix(self, prefix: &str) -> BTreeMap<String, String> {
        let matching = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, value)));
        matching
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect()
    }
}
