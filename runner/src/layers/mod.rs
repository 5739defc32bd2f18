//! What each layer of an image adds, replaces and removes: computed from archives of layers, or from their files in a build.

mod walk;

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

pub use walk::{LISTING, arguments};
pub(super) use walk::{VERB, run};

/// The maximum number of paths in an image.
const MAX_PATHS: usize = 2_000_000;

/// The maximum total length of all paths in an image, in bytes.
const MAX_NAMES: usize = 256 << 20;

/// The maximum number of paths that are kept as examples.
const EXAMPLES: usize = 10;

/// The number of the largest files that are listed.
const LARGEST: usize = 10;

/// Files that aren't needed to run a program, by the beginning of their paths, or by a part of them.
const UNNEEDED: [(&str, &str); 19] = [
    ("var/lib/apt/lists/", "package lists of apt"),
    ("var/cache/apt/", "packages that apt downloaded"),
    ("var/cache/apk/", "packages that apk downloaded"),
    ("var/cache/dnf/", "packages that dnf downloaded"),
    ("var/log/", "logs of the build"),
    ("var/tmp/", "temporary files"),
    ("tmp/", "temporary files"),
    ("usr/share/doc/", "documents"),
    ("usr/share/man/", "manual pages"),
    ("usr/share/info/", "manual pages"),
    ("root/.cache/", "caches of tools"),
    ("root/.npm/", "packages that npm downloaded"),
    ("root/.m2/", "packages that Maven downloaded"),
    ("root/.gradle/", "packages that Gradle downloaded"),
    ("root/.cargo/registry/", "packages that Cargo downloaded"),
    (
        "usr/local/cargo/registry/",
        "packages that Cargo downloaded",
    ),
    ("go/pkg/mod/", "packages that Go downloaded"),
    ("/.git/", "a checkout's history"),
    ("/__pycache__/", "what Python compiles"),
];

/// A number of files with their sizes, and some of their paths.
#[derive(Debug, Default)]
struct Files {
    count: u64,
    bytes: u64,
    paths: Vec<String>,
}

impl Files {
    fn add(&mut self, path: &str, bytes: u64) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.paths.len() < EXAMPLES {
            self.paths.push(path.to_owned());
        }
    }

    fn json(&self) -> Value {
        json!({ "files": self.count, "bytes": self.bytes, "paths": self.paths })
    }
}

/// The effect of a layer.
#[derive(Debug, Default)]
struct Layer {
    added: Files,
    /// Unchanged files of lower layers that it contains again.
    again: Files,
    /// Files of lower layers that it replaces, with their sizes there.
    replaced: Files,
    /// Files of lower layers that it removes.
    removed: Files,
}

/// A path with its state after the layers so far.
#[derive(Debug)]
struct Known {
    layer: usize,
    size: u64,
    content: Content,
}

/// The content of a path, to determine whether it is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The digest of a file's content.
    File([u8; 32]),
    /// A file whose content is only read if necessary.
    Unread,
    /// The digest of a symbolic link's target.
    Symlink([u8; 32]),
    /// Something else, which never counts as unchanged.
    Other,
}

/// Paths with information about them, limited to what fits into memory.
#[derive(Debug, Default)]
struct Paths {
    known: BTreeMap<String, Known>,
    bytes: usize,
}

impl Paths {
    fn insert(&mut self, path: String, known: Known) -> io::Result<()> {
        let length = path.len();
        if self.known.insert(path, known).is_none() {
            self.bytes += length;
        }
        if self.known.len() > MAX_PATHS || self.bytes > MAX_NAMES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it has too many files",
            ));
        }
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Option<Known> {
        let known = self.known.remove(path)?;
        self.bytes -= path.len();
        Some(known)
    }

    /// Returns the paths below a directory.
    fn below(&self, inside: &str) -> Vec<String> {
        let paths = self.known.range::<str, _>((
            std::ops::Bound::Included(inside),
            std::ops::Bound::Unbounded,
        ));
        let paths = paths.map(|(path, _)| path);
        let paths = paths.take_while(|path| path.starts_with(inside));
        paths.cloned().collect()
    }
}

/// The layers of an image that have been inspected so far, from the bottom.
#[derive(Debug, Default)]
pub struct Layers {
    all: Vec<Layer>,
    paths: Paths,
    /// The content of the current layer, which isn't affected by its own removals, wherever these occur in it.
    own: Paths,
}

impl Layers {
    /// Begins the next layer.
    pub fn begin(&mut self) {
        self.all.push(Layer::default());
    }

    /// Adds a file of the layer; everything except directories counts as a file.
    pub fn add(&mut self, path: String, size: u64, content: Content) -> io::Result<()> {
        let layer = self.all.len().saturating_sub(1);
        if let Some(this) = self.all.last_mut() {
            this.added.add(&path, size);
        }
        let known = Known {
            layer,
            size,
            content,
        };
        self.own.insert(path, known)
    }

    /// Returns the content of a file in the current layer, or in a lower one.
    pub fn content(&self, path: &str) -> Content {
        let known = self.own.known.get(path);
        let known = known.or_else(|| self.paths.known.get(path));
        known.map_or(Content::Other, |known| known.content)
    }

    /// Removes a path of lower layers, with everything in it; or only its content.
    pub fn hide(&mut self, path: &str, only_inside: bool) {
        let inside = if path.is_empty() {
            String::new()
        } else {
            format!("{path}/")
        };
        let own = (!only_inside).then(|| path.to_owned());
        for path in self.paths.below(&inside).into_iter().chain(own) {
            if let Some(known) = self.paths.remove(&path)
                && let Some(layer) = self.all.last_mut()
            {
                layer.removed.add(&path, known.size);
            }
        }
    }

    /// Ends the layer. For unread files, `is_same` is asked whether they are the same as in a lower layer, given by its
    /// number.
    pub fn end(&mut self, is_same: &mut dyn FnMut(&str, usize) -> bool) -> io::Result<()> {
        for (path, known) in std::mem::take(&mut self.own).known {
            // It is no longer a directory.
            self.hide(&path, true);
            if let Some(before) = self.paths.known.get(&path)
                && let Some(layer) = self.all.last_mut()
            {
                let is_again = match (before.content, known.content) {
                    (Content::Unread, Content::Unread) => is_same(&path, before.layer),
                    (_, Content::Other) => false,
                    (before, now) => before == now,
                };
                if is_again {
                    layer.again.add(&path, known.size);
                } else {
                    layer.replaced.add(&path, before.size);
                }
            }
            self.paths.insert(path, known)?;
        }
        Ok(())
    }

    /// Iterates over the current paths, except those of the current layer.
    fn known(&self) -> impl Iterator<Item = &str> {
        self.paths.known.keys().map(String::as_str)
    }

    /// Describes the layers as JSON, without what created them, which the caller knows.
    pub fn json(&self) -> Value {
        let mut largest: Vec<(&str, &Known)> = Vec::new();
        let mut unneeded: BTreeMap<_, Files> = BTreeMap::new();
        for (path, known) in &self.paths.known {
            if known.size == 0 {
                continue;
            }
            let rooted = format!("/{path}");
            let pattern = UNNEEDED.iter().find(|(pattern, _)| {
                path.starts_with(pattern) || pattern.starts_with('/') && rooted.contains(pattern)
            });
            if let Some(pattern) = pattern {
                unneeded.entry(*pattern).or_default().add(path, known.size);
            }
            let at = largest.partition_point(|(_, other)| other.size >= known.size);
            if at < LARGEST {
                largest.insert(at, (path, known));
                largest.truncate(LARGEST);
            }
        }
        let bytes = |files: &dyn Fn(&Layer) -> u64| self.all.iter().map(files).sum::<u64>();
        let layers = self.all.iter().map(|layer| {
            json!({
                "bytes": layer.added.bytes,
                "files": layer.added.count,
                "again": layer.again.json(),
                "replaced": layer.replaced.json(),
                "removed": layer.removed.json(),
            })
        });
        let largest = largest.iter().map(
            |(path, known)| json!({ "path": path, "layer": known.layer + 1, "bytes": known.size }),
        );
        let unneeded = unneeded.iter().map(|((pattern, what), files)| {
            json!({ "pattern": pattern, "what": what, "files": files.count, "bytes": files.bytes })
        });
        json!({
            "bytes": bytes(&|layer| layer.added.bytes),
            "wasted": bytes(&|layer| layer.again.bytes + layer.replaced.bytes + layer.removed.bytes),
            "layers": layers.collect::<Vec<_>>(),
            "largest": largest.collect::<Vec<_>>(),
            "unneeded": unneeded.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_no_more_paths_than_fit_into_memory() {
        let mut paths = Paths {
            bytes: MAX_NAMES - 1,
            ..Paths::default()
        };
        let mut add = |path: &str| {
            let (layer, size, content) = (0, 0, Content::Other);
            let known = Known {
                layer,
                size,
                content,
            };
            paths.insert(path.to_owned(), known).is_ok()
        };
        assert!(add("a") && add("a") && !add("b"));
    }

    #[test]
    fn a_file_in_the_place_of_a_directory_removes_what_was_in_it() {
        let mut layers = Layers::default();
        for paths in [&["d/a", "d/b", "d.x"][..], &["d"]] {
            layers.begin();
            for path in paths {
                layers
                    .add((*path).to_owned(), 1, Content::Symlink([0; 32]))
                    .unwrap();
            }
            layers.end(&mut |_, _| false).unwrap();
        }
        let json = layers.json();
        assert_eq!(json["layers"][1]["removed"]["paths"], json!(["d/a", "d/b"]));
        assert_eq!(json["wasted"], 2);
    }
}
