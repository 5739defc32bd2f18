//! The known part of a build context: the files that have been requested.

use std::collections::{BTreeMap, BTreeSet};

use stagefile_text::pattern::Pattern;

use crate::mistake::Stop;

/// The maximum number of files that are read at once.
pub const MAX_FILES: usize = 256;

/// Directories in which manifests aren't searched, as patterns of an ignore file.
pub const UNSEARCHED: [&str; 6] = [
    "**/node_modules",
    "**/.git",
    "**/vendor",
    "**/target",
    "**/.venv",
    "**/testdata",
];

/// The maximum depth in the context at which manifests are searched.
const DEEPEST: usize = 5;

/// Returns patterns for the possible paths of a file.
pub fn places(name: &str) -> Vec<String> {
    (0..DEEPEST)
        .map(|depth| "*/".repeat(depth) + name)
        .collect()
}

/// Returns the maximum number of bytes that are read of a file: all of a manifest, the beginning of
/// sources and of lock files.
pub fn most_bytes(path: &str) -> u64 {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_whole = name == "package.json"
        || name == "Pipfile"
        || name.starts_with("go.")
        || name == "Cargo.lock"
        || [".toml", ".xml", ".gradle", ".kts", ".yaml", ".cfg", ".txt"]
            .iter()
            .any(|end| name.ends_with(end))
            && name != "pnpm-lock.yaml";
    if is_whole { 1 << 20 } else { 64 << 10 }
}

/// The kind of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A directory.
    Directory,
    /// A file, with the beginning of its content.
    File(String),
}

/// The files that have been requested, and those that exist.
#[derive(Clone, Debug, Default)]
pub struct Files {
    asked: BTreeSet<String>,
    found: BTreeMap<String, Entry>,
}

impl Files {
    /// Records the patterns that have been requested.
    pub fn asked(&mut self, patterns: impl IntoIterator<Item = String>) {
        self.asked.extend(patterns);
    }

    /// Adds an existing file or directory.
    pub fn add(&mut self, path: impl Into<String>, entry: Entry) {
        self.found.insert(path.into(), entry);
    }

    /// Returns the text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        match self.found.get(path) {
            Some(Entry::File(text)) => Some(text),
            _ => None,
        }
    }

    /// Iterates over the paths of files with a name.
    pub fn paths_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let paths = self.found.keys().map(String::as_str);
        paths.filter(move |path| path.rsplit('/').next() == Some(name))
    }

    /// Fails unless all of these patterns have been requested.
    pub(crate) fn need(&self, patterns: impl IntoIterator<Item = String>) -> Result<(), Stop> {
        let unknown = patterns
            .into_iter()
            .filter(|pattern| !self.asked.contains(pattern));
        let unknown: Vec<String> = unknown.collect();
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(Stop::Look(unknown))
        }
    }

    /// Reports whether a path exists.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.found.contains_key(path)
    }

    /// Reports whether a directory exists.
    pub(crate) fn has_directory(&self, path: &str) -> bool {
        self.found.get(path) == Some(&Entry::Directory)
    }

    /// Iterates over the files that match a pattern, by path.
    pub(crate) fn matching<'f>(
        &'f self,
        pattern: &str,
    ) -> impl Iterator<Item = (&'f str, &'f str)> + use<'f> {
        let pattern = Pattern::of_copy(pattern);
        self.found
            .iter()
            .filter_map(move |(path, entry)| match entry {
                Entry::File(text) if pattern.matches(path) => Some((path.as_str(), text.as_str())),
                _ => None,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_looked_for_is_wanted_once() {
        let mut files = Files::default();
        let both = || ["go.sum".to_owned(), "*.go".to_owned()];
        assert!(matches!(files.need(both()), Err(Stop::Look(all)) if all.len() == 2));
        files.asked(["go.sum".to_owned()]);
        assert!(matches!(files.need(both()), Err(Stop::Look(all)) if all == ["*.go"]));
        files.asked(both());
        assert!(files.need(both()).is_ok());
        files.add("a/main.go", Entry::File("package main".to_owned()));
        files.add("a", Entry::Directory);
        assert!(files.matching("*/*.go").eq([("a/main.go", "package main")]));
        assert!(files.has("a") && files.has_directory("a") && !files.has_directory("a/main.go"));
    }

    #[test]
    fn only_manifests_are_read_whole() {
        assert!(most_bytes("a/package.json") > most_bytes("a/package-lock.json"));
        assert!(most_bytes("Cargo.toml") > most_bytes("src/main.rs"));
        assert!(most_bytes("pnpm-workspace.yaml") > most_bytes("pnpm-lock.yaml"));
        assert_eq!(places("go.mod")[..3], ["go.mod", "*/go.mod", "*/*/go.mod"]);
    }
}
