//! What is known about a context's files: their names, and the targets of links.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use buildkit_gateway::{FileKind, Stat};
use stagefile_text::glob;
use stagefile_text::pattern::Pattern;
use stagefile_text::suggestion::closest;

/// The maximum number of links that are followed to resolve one path, as on Linux.
const MAX_LINKS: usize = 40;
/// The maximum number of files that are listed from a directory of this machine.
const MAX_FILES: usize = 200_000;

/// Some files of a context, by their paths from its root, with their parent directories.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    entries: BTreeMap<String, Kind>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A link, and its target.
    Link(String),
    /// Anything else.
    File,
}

/// Where a missing path stops existing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its deepest directory that exists, with links followed; empty for the root.
    pub directory: String,
    /// The name that isn't in it.
    pub name: String,
}

impl Kind {
    fn from_stat(stat: Stat) -> Self {
        match stat.kind {
            FileKind::Directory => Self::Directory,
            FileKind::Symlink => Self::Link(stat.link),
            _ => Self::File,
        }
    }
}

impl Missing {
    /// Returns the path with the missing name replaced by the most similar one that exists.
    pub fn nearest(&self, path: &str, names: &Listing) -> Option<String> {
        // Two paths in one, `src /app`: don't suggest anything for `src/app`.
        if self.name.ends_with(char::is_whitespace) && path.contains(" /") {
            return None;
        }
        let name = closest(&self.name, names.names(&self.directory))?;
        Some(replaced(path, &self.name, name))
    }
}

/// Replaces the first occurrence of a name in a path.
fn replaced(path: &str, name: &str, other: &str) -> String {
    let mut is_first = true;
    let parts = path.split('/').map(|part| {
        if part == name && std::mem::replace(&mut is_first, false) {
            other
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

impl FromIterator<Stat> for Listing {
    fn from_iter<I: IntoIterator<Item = Stat>>(stats: I) -> Self {
        let entries = stats
            .into_iter()
            .map(|stat| (stat.path.clone(), Kind::from_stat(stat)));
        Self {
            entries: entries.collect(),
        }
    }
}

impl Listing {
    /// Lists paths of a directory of this machine, by patterns like those of `copy`. Links are only followed inside the
    /// directory.
    pub fn of_directory(root: &Path, patterns: &[String]) -> Self {
        let mut reader = Reader {
            root,
            listing: Self::default(),
        };
        for pattern in patterns {
            reader.look("", pattern, MAX_LINKS);
        }
        reader.listing
    }

    /// Returns the number of files.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds the files of another listing.
    pub fn extend(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// Adds the entries of a directory; the path of each entry is just its name.
    pub fn add_directory(&mut self, directory: &str, entries: Vec<Stat>) {
        let entries = entries.into_iter();
        let entries = entries.map(|stat| (joined(directory, &stat.path), Kind::from_stat(stat)));
        self.entries.extend(entries);
    }

    /// Looks for a path.
    pub fn find(&self, path: &str) -> Result<(), Missing> {
        let mut pending: Vec<&str> = path.split('/').rev().collect();
        let mut directory = String::new();
        let mut links = 0;
        while let Some(name) = pending.pop() {
            if matches!(name, "" | ".") {
                continue;
            }
            if name == ".." {
                directory.truncate(directory.rfind('/').unwrap_or(0));
                continue;
            }
            let full = joined(&directory, name);
            match self.entries.get(&full) {
                None => {
                    let name = name.to_owned();
                    return Err(Missing { directory, name });
                }
                // A link that is itself the last part exists, wherever it points to.
                Some(Kind::Link(target)) if !pending.is_empty() && links < MAX_LINKS => {
                    links += 1;
                    if target.starts_with('/') {
                        directory.clear();
                    }
                    pending.extend(target.split('/').rev());
                }
                Some(_) => directory = full,
            }
        }
        Ok(())
    }

    /// Returns the kind of a path, if known.
    pub fn kind(&self, path: &str) -> Option<&Kind> {
        self.entries.get(path)
    }

    /// Lists the paths that match a pattern of `copy`. Links on the way aren't followed.
    pub fn matches(&self, pattern: &str) -> impl Iterator<Item = &str> {
        let pattern = Pattern::of_copy(pattern);
        let paths = self.entries.keys().map(String::as_str);
        paths.filter(move |path| pattern.matches(path))
    }

    /// Tells whether the pattern may match something through a link to a directory.
    pub(super) fn leads_through_links(&self, pattern: &str) -> bool {
        let mut parts: Vec<&str> = pattern.split('/').collect();
        parts.pop();
        (1..=parts.len()).any(|count| {
            let directory = Pattern::of_copy(&parts[..count].join("/"));
            let mut links = self
                .entries
                .iter()
                .filter(|(_, kind)| matches!(kind, Kind::Link(_)));
            links.any(|(path, _)| directory.matches(path))
        })
    }

    /// Lists the names in a directory.
    pub(super) fn names<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = &'a str> {
        self.entries.keys().filter_map(move |path| {
            let name = match directory {
                "" => path.as_str(),
                _ => path.strip_prefix(directory)?.strip_prefix('/')?,
            };
            (!name.contains('/')).then_some(name)
        })
    }
}

fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

/// Lists files of a directory of this machine.
struct Reader<'a> {
    root: &'a Path,
    listing: Listing,
}

impl Reader<'_> {
    /// Lists what a pattern matches, relative to a directory that is reached without links.
    fn look(&mut self, directory: &str, pattern: &str, links: usize) {
        let (first, rest) = match pattern.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (pattern, None),
        };
        if matches!(first, "" | ".") {
            if let Some(rest) = rest {
                self.look(directory, rest, links);
            }
            return;
        }
        for name in self.names(directory, first) {
            if self.listing.entries.len() >= MAX_FILES {
                return;
            }
            let path = joined(directory, &name);
            let Some(kind) = self.kind(&path) else {
                continue;
            };
            self.listing.entries.insert(path.clone(), kind.clone());
            let Some(rest) = rest else { continue };
            match kind {
                Kind::Directory => self.look(&path, rest, links),
                Kind::Link(target) if links > 0 => {
                    let Some(target) = inside(directory, &target) else {
                        continue;
                    };
                    let escaped = glob::escape(&target);
                    self.look("", &format!("{escaped}/{rest}"), links - 1);
                }
                Kind::Link(_) | Kind::File => {}
            }
        }
    }

    /// Lists the names of a directory that match a part of a pattern.
    fn names(&self, directory: &str, part: &str) -> Vec<String> {
        if !glob::is_pattern(part) && !part.contains('\\') {
            return vec![part.to_owned()];
        }
        let pattern = Pattern::of_copy(part);
        let entries = fs::read_dir(self.root.join(directory));
        let entries = entries.into_iter().flatten().flatten().take(MAX_FILES);
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| pattern.matches(name)).collect()
    }

    fn kind(&self, path: &str) -> Option<Kind> {
        let path = self.root.join(path);
        let kind = fs::symlink_metadata(&path).ok()?.file_type();
        Some(if kind.is_dir() {
            Kind::Directory
        } else if kind.is_symlink() {
            let target = fs::read_link(&path).ok()?;
            Kind::Link(target.to_str()?.to_owned())
        } else {
            Kind::File
        })
    }
}

/// Returns the path that a link in a directory points to; `None` if that is outside.
fn inside(directory: &str, target: &str) -> Option<String> {
    // The path of the root on another machine isn't known.
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = directory.split('/').collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop().filter(|part| !part.is_empty())?,
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(entries: &[(&str, Kind)]) -> Listing {
        let entries = entries.iter().cloned();
        Listing {
            entries: entries
                .map(|(path, kind)| (path.to_owned(), kind))
                .collect(),
        }
    }

    #[test]
    fn paths_are_found_through_links() {
        let link = |target: &str| Kind::Link(target.to_owned());
        let listing = listing(&[
            ("real", Kind::Directory),
            ("real/a", Kind::File),
            ("link", link("real")),
            ("deep", Kind::Directory),
            ("deep/up", link("../real")),
            ("dangling", link("nowhere")),
            ("loop", link("loop")),
        ]);
        for path in ["real/a", "link/a", "deep/up/a", "dangling", "", "real"] {
            assert_eq!(listing.find(path), Ok(()), "{path}");
        }
        for (path, directory, name) in [
            ("reel", "", "reel"),
            ("link/b", "real", "b"),
            ("dangling/x", "", "nowhere"),
            ("real/a/b", "real/a", "b"),
        ] {
            let (directory, name) = (directory.to_owned(), name.to_owned());
            assert_eq!(
                listing.find(path),
                Err(Missing { directory, name }),
                "{path}"
            );
        }
        assert!(listing.find("loop/x").is_err());
        assert!(listing.leads_through_links("link/*"));
        assert!(!listing.leads_through_links("real/*"));
        assert!(listing.names("real").eq(["a"]));
        assert!(listing.matches("r*l/?").eq(["real/a"]));
    }

    #[test]
    fn a_directory_of_this_machine() {
        let root = std::env::temp_dir().join(format!("stagefile-listing-{}", std::process::id()));
        fs::create_dir_all(root.join("src/[slug]")).unwrap();
        fs::write(root.join("src/[slug]/page.tsx"), "").unwrap();
        fs::write(root.join("a.json"), "").unwrap();
        std::os::unix::fs::symlink("src", root.join("link")).unwrap();
        std::os::unix::fs::symlink("..", root.join("out")).unwrap();
        let patterns = ["*.json", "link/[[]slug]/page.tsx", "out/tmp", "none"].map(str::to_owned);
        let listing = Listing::of_directory(&root, &patterns);
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(listing.find("a.json"), Ok(()));
        assert_eq!(listing.find("link/[slug]/page.tsx"), Ok(()));
        assert!(listing.find("none").is_err());
        assert!(!listing.entries.contains_key("tmp"));
    }
}
