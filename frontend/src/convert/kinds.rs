//! Files and directories: `COPY` copies the content of a directory, `copy` the directory itself, so the kind of a path matters.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use stagefile_text::glob;

use super::paths;

/// The kind of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
}

/// Names with their kinds.
type Entries = BTreeMap<String, Kind>;

/// The build context, as far as it is known.
pub trait Context {
    /// Lists a directory, given by a path without a leading slash, empty for the context itself; `None` if it isn't known.
    fn list(&self, directory: &str) -> Option<Vec<(String, Kind)>>;
}

/// A context about which nothing is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoContext;

impl Context for NoContext {
    fn list(&self, _: &str) -> Option<Vec<(String, Kind)>> {
        None
    }
}

/// Well-known names of files without an extension.
const FILES: [&str; 16] = [
    "makefile",
    "license",
    "gemfile",
    "procfile",
    "pipfile",
    "gradlew",
    "mvnw",
    "dockerfile",
    "rakefile",
    "readme",
    "yarn.lock",
    "go.mod",
    "go.sum",
    "jenkinsfile",
    "vagrantfile",
    "caddyfile",
];

/// Well-known names of directories.
const DIRECTORIES: [&str; 24] = [
    "src",
    "dist",
    "build",
    "public",
    "node_modules",
    "site-packages",
    "lib",
    "bin",
    "out",
    "target",
    "vendor",
    "static",
    "assets",
    "config",
    "html",
    "templates",
    "migrations",
    "venv",
    ".venv",
    "cmd",
    "pkg",
    "internal",
    "scripts",
    "app",
];

/// The kinds of paths.
pub(super) struct Kinds<'a> {
    context: &'a dyn Context,
    listed: RefCell<BTreeMap<String, Option<Rc<Entries>>>>,
    /// The kinds of files that scripts create, by stage and path.
    made: RefCell<BTreeMap<(usize, String), Kind>>,
}

impl<'a> Kinds<'a> {
    pub(super) fn new(context: &'a dyn Context) -> Self {
        Self {
            context,
            listed: RefCell::default(),
            made: RefCell::default(),
        }
    }

    /// Records what a script of a stage creates at a path.
    pub(super) fn note(&self, stage: usize, path: String, kind: Kind) {
        self.made.borrow_mut().insert((stage, path), kind);
    }

    /// Returns what a script of a stage is known to create at a path.
    pub(super) fn made(&self, stage: usize, path: &str) -> Option<Kind> {
        let path = path.trim_end_matches('/').to_owned();
        self.made.borrow().get(&(stage, path)).copied()
    }

    fn list(&self, directory: &str) -> Option<Rc<Entries>> {
        let mut listed = self.listed.borrow_mut();
        let entry = listed.entry(directory.to_owned());
        entry
            .or_insert_with(|| {
                let entries = self.context.list(directory)?;
                Some(Rc::new(entries.into_iter().collect()))
            })
            .clone()
    }

    /// Returns the kind of a path in the context, or the matches of a pattern; `None` if it isn't known. A pattern must be in the
    /// last part of the path.
    pub(super) fn of_context(&self, path: &str) -> Option<Vec<(String, Kind)>> {
        let path = path.trim_end_matches('/');
        let directory = paths::parent(path);
        if paths::is_pattern(directory) {
            return None;
        }
        let name = paths::name(path);
        let entries = self.list(directory)?;
        let joined = |entry: &String, kind: &Kind| {
            let path = if directory.is_empty() {
                entry.clone()
            } else {
                format!("{directory}/{entry}")
            };
            (path, *kind)
        };
        Some(if paths::is_pattern(name) {
            let matched = entries
                .iter()
                .filter(|(entry, _)| glob::matches(name, entry));
            matched.map(|(entry, kind)| joined(entry, kind)).collect()
        } else {
            let found = entries.get_key_value(name).into_iter();
            found.map(|(entry, kind)| joined(entry, kind)).collect()
        })
    }

    /// Guesses the kind of a path by its name.
    pub(super) fn guess(path: &str) -> Option<Kind> {
        let name = paths::name(path);
        let lower = name.to_ascii_lowercase();
        if DIRECTORIES.contains(&name) {
            return Some(Kind::Directory);
        }
        if FILES.contains(&lower.as_str()) {
            return Some(Kind::File);
        }
        if matches!(paths::name(paths::parent(path)), "bin" | "sbin") {
            return Some(Kind::File);
        }
        let stem = name.trim_start_matches('.');
        let suffix = stem.rsplit_once('.').map(|(_, suffix)| suffix);
        let is_suffix = |suffix: &str| {
            !suffix.is_empty()
                && suffix.len() <= 12
                && suffix != "d"
                && suffix.contains(|letter: char| letter.is_ascii_alphabetic() || letter == '*')
                && suffix
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || "*_-".contains(letter))
        };
        suffix
            .filter(|suffix| is_suffix(suffix))
            .map(|_| Kind::File)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_path_is() {
        for (path, kind) in [
            ("package.json", Some(Kind::File)),
            ("package*.json", Some(Kind::File)),
            ("go.*", Some(Kind::File)),
            ("a/Makefile", Some(Kind::File)),
            ("src", Some(Kind::Directory)),
            ("a/node_modules", Some(Kind::Directory)),
            ("conf.d", None),
            ("python3.11", None),
            ("server", None),
            (".github", None),
            ("*", None),
        ] {
            assert_eq!(Kinds::guess(path), kind, "{path}");
        }
    }
}
