//! Reading of lock files.

use buildkit_llb::Reference;
use stagefile_text::suggestion::closest;

use super::{Kind, Lock, Name, VERSION};
use crate::diagnostic::Diagnostics;
use crate::diagnostics::invalid_lock;
use crate::source::{Source, Spanned};
use crate::syntax::tree::{self, Entry, Node, Value};

/// The maximum size of a lock file in bytes: some thousand names.
const MAX_BYTES: usize = 1 << 20;

/// The key of the version.
const VERSION_KEY: &str = "version";

impl Lock {
    /// Reads a lock file. Mistakes are reported with their locations.
    pub fn read(source: &Source, found: &mut Diagnostics) -> Self {
        let mut lock = Self::default();
        let length = source.text().len();
        if length > MAX_BYTES {
            let message =
                format!("a lock of {length} bytes is larger than any; {MAX_BYTES} are read");
            found.push(invalid_lock(message, source.span(0, 0)));
            return lock;
        }
        // If the file names nothing, its lock file consists only of comments.
        if source.text().lines().all(is_comment) {
            return lock;
        }
        let Some(root) = tree::read(source, found) else {
            return lock;
        };
        let Some(entries) = entries(&root) else {
            let message = format!("a lock is a mapping, and this is {}", root.description());
            found.push(invalid_lock(message, root.span));
            return lock;
        };
        for entry in entries {
            lock.read_section(entry, found);
        }
        lock
    }

    fn read_section(&mut self, entry: &Entry, found: &mut Diagnostics) {
        let key = entry.key.text.as_str();
        if key == VERSION_KEY {
            if entry.value.string() != Some(VERSION) {
                let message =
                    format!("this is a lock of another version; here version {VERSION} is read");
                found.push(invalid_lock(message, entry.value.span));
            }
            return;
        }
        let keys = || Kind::ALL.map(Kind::key).into_iter().chain([VERSION_KEY]);
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.key() == key) else {
            let names: Vec<String> = keys().map(|key| format!("`{key}`")).collect();
            let message = format!("a lock has no `{key}`; it has {}", names.join(", "));
            let error = invalid_lock(message, entry.key.span);
            found.push(error.suggest(closest(key, keys())));
            return;
        };
        if entry.value.is_null() {
            return;
        }
        let Some(entries) = entries(&entry.value) else {
            let message = format!(
                "`{key}` is a mapping of names to what pins them, and this is {}",
                entry.value.description()
            );
            found.push(invalid_lock(message, entry.value.span));
            return;
        };
        for entry in entries {
            self.read_pin(kind, entry, found);
        }
    }

    fn read_pin(&mut self, kind: Kind, entry: &Entry, found: &mut Diagnostics) {
        let text = entry.key.text.as_str();
        let name = match kind {
            Kind::Image | Kind::Frontend => match Reference::parse(text) {
                Ok(reference) if reference.digest().is_some() => {
                    let message = format!("`{text}` has a digest already; a lock pins tags");
                    found.push(invalid_lock(message, entry.key.span));
                    return;
                }
                Ok(reference) => Name::of_image(kind, &reference),
                Err(error) => {
                    let message = format!("`{text}` is no name of an image: {error}");
                    found.push(invalid_lock(message, entry.key.span));
                    return;
                }
            },
            Kind::Git | Kind::Http => Name {
                kind,
                text: text.to_owned(),
            },
        };
        let pin = entry.value.string().and_then(|text| kind.pin(text));
        let Some(pin) = pin else {
            let message = format!("`{text}` is pinned by {}", kind.wanted());
            found.push(invalid_lock(message, entry.value.span));
            return;
        };
        let pin = Spanned::new(pin, entry.value.span);
        if let Some(first) = self.pins.insert(name, pin) {
            let message = format!("`{text}` is pinned twice");
            let error = invalid_lock(message, entry.key.span);
            found.push(error.secondary(first.span, "here too"));
        }
    }
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

fn entries(node: &Node) -> Option<&[Entry]> {
    match &node.value {
        Value::Mapping(entries) => Some(entries),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;
    use crate::source::Sources;

    const DIGEST: &str = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    const COMMIT: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

    fn read(text: &str) -> (Lock, String) {
        let sources = Sources::new(Source::new("Stagefile.lock", text));
        let mut found = Diagnostics::default();
        let lock = Lock::read(sources.main(), &mut found);
        (lock, render(&sources, &found.errors()))
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut lock = Lock::default();
        for reference in ["golang:1.22", "alpine", "ghcr.io/a/b:1"] {
            let reference = Reference::parse(reference).unwrap();
            lock.insert(Name::image(&reference), DIGEST.to_owned());
        }
        let git = Name::git("https://example.com/a.git", Some("a: 'b' #c"));
        lock.insert(git.clone(), COMMIT.to_owned());
        lock.insert(Name::http("https://example.com/x?y=1#z"), DIGEST.to_owned());
        let text = lock.to_yaml("Stagefile");
        let (again, errors) = read(&text);
        assert_eq!(errors, "");
        assert_eq!(again.to_yaml("Stagefile"), text);
        let alpine = Reference::parse("docker.io/library/alpine:latest").unwrap();
        assert_eq!(again.image(&alpine).unwrap().value.as_str(), DIGEST);
        assert_eq!(again.get(&git).unwrap().value, COMMIT);
    }

    #[test]
    fn an_empty_lock_pins_nothing() {
        for text in ["", "# nothing\n", "version: 1\n", "images:\n"] {
            assert_eq!(read(text), (Lock::default(), String::new()), "{text}");
        }
        let text = Lock::default().to_yaml("Stagefile");
        assert_eq!(read(&text).1, "");
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        for (text, message, place) in [
            ("- x\n", "a lock is a mapping, and this is a list", ":1:1"),
            ("version: 2\n", "another version", ":1:10"),
            ("image: {}\n", "did you mean `images`?", ":1:1"),
            ("images: x\n", "is a mapping of names", ":1:9"),
            (
                "images:\n  a:b: latest\n",
                "`a:b` is pinned by a digest",
                ":2:8",
            ),
            ("images:\n  A: x\n", "is no name of an image", ":2:3"),
            (
                "images:\n  a:b: [x]\n",
                "`a:b` is pinned by a digest",
                ":2:8",
            ),
            ("git:\n  a: main\n", "the hash of a commit", ":2:6"),
            (
                "git:\n  a: DA39A3EE5E6B4B0D3255BFEF95601890AFD80709\n",
                "the hash of a commit",
                ":2:6",
            ),
            ("http:\n  a: md5:00\n", "is pinned by a digest", ":2:6"),
            ("images:\n\ta: b\n", "tab", ":2:"),
        ] {
            let (_, errors) = read(text);
            assert!(errors.contains(message), "{text}: {errors}");
            assert!(
                errors.contains(&format!("Stagefile.lock{place}")),
                "{text}: {errors}"
            );
        }
        let twice = format!("images:\n  a: {DIGEST}\n  docker.io/library/a:latest: {DIGEST}\n");
        assert!(read(&twice).1.contains("is pinned twice"));
        let pinned = format!("images:\n  a@{DIGEST}: {DIGEST}\n");
        assert!(read(&pinned).1.contains("has a digest already"));
    }

    #[test]
    fn a_lock_that_would_grow_is_given_up() {
        let large = format!("# {}\n", "x".repeat(MAX_BYTES));
        assert!(read(&large).1.contains("larger"), "{}", read(&large).1);
        let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (letter, before) in ('b'..='k').zip('a'..) {
            let before = format!("*{before}");
            let nine = [before.as_str(); 9].join(",");
            let line = format!("{letter}: &{letter} [{nine}]\n");
            bomb.push_str(&line);
        }
        let (lock, errors) = read(&bomb);
        assert_eq!(lock, Lock::default());
        assert!(errors.contains("Stagefile.lock:"), "{errors}");
    }
}
