//! Paths with wildcards.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// A path that may have wildcards: `*` and `?` within a name, `**` for any number of directories. A backslash escapes
/// the next character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// The directories before the first wildcard; the whole path if there is none.
    pub top: PathBuf,
    /// The rest.
    rest: Vec<Part>,
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Any number of names.
    AnyDepth,
    /// One name.
    Name(Vec<Letter>),
}

/// A part of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    Byte(u8),
    One,
    Any,
}

impl Pattern {
    /// Reads an absolute path.
    pub(super) fn parse(path: &str) -> Self {
        let mut top = PathBuf::from("/");
        let mut rest = Vec::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if part == "**" {
                rest.push(Part::AnyDepth);
                continue;
            }
            let letters = letters(part);
            match plain(&letters).filter(|_| rest.is_empty()) {
                Some(name) => top.push(OsStr::from_bytes(&name)),
                None => rest.push(Part::Name(letters)),
            }
        }
        Self { top, rest }
    }

    /// Reports whether there is a wildcard.
    pub(super) fn has_wildcards(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Reports whether a path, relative to the first directories, matches the rest.
    pub(super) fn matches(&self, path: &Path) -> bool {
        let names: Vec<&[u8]> = path.iter().map(OsStr::as_bytes).collect();
        let one = |part: &Part, name: &&[u8]| match part {
            Part::AnyDepth => true,
            Part::Name(letters) => is_name(letters, name),
        };
        matches(&self.rest, &names, |part| *part == Part::AnyDepth, one)
    }
}

fn letters(part: &str) -> Vec<Letter> {
    let mut letters = Vec::new();
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        letters.push(match byte {
            b'\\' => Letter::Byte(bytes.next().unwrap_or(byte)),
            b'*' => Letter::Any,
            b'?' => Letter::One,
            byte => Letter::Byte(byte),
        });
    }
    letters
}

/// Returns a name without wildcards.
fn plain(letters: &[Letter]) -> Option<Vec<u8>> {
    let byte = |letter: &Letter| match letter {
        Letter::Byte(byte) => Some(*byte),
        Letter::One | Letter::Any => None,
    };
    letters.iter().map(byte).collect()
}

fn is_name(letters: &[Letter], name: &[u8]) -> bool {
    let one = |letter: &Letter, byte: &u8| match letter {
        Letter::Byte(wanted) => wanted == byte,
        Letter::One | Letter::Any => true,
    };
    matches(letters, name, |letter| *letter == Letter::Any, one)
}

/// Matches items against patterns, some of which match any number of items. After a mismatch, only the last of these is
/// extended by an item, so the time is limited by the product of both lengths.
fn matches<P, T>(
    patterns: &[P],
    items: &[T],
    is_any: impl Fn(&P) -> bool,
    is_one: impl Fn(&P, &T) -> bool,
) -> bool {
    let (mut pattern, mut item) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while item < items.len() {
        match patterns.get(pattern) {
            Some(one) if is_any(one) => {
                pattern += 1;
                retry = Some((pattern, item));
            }
            Some(one) if is_one(one, &items[item]) => {
                pattern += 1;
                item += 1;
            }
            _ => {
                let Some((after, from)) = &mut retry else {
                    return false;
                };
                *from += 1;
                (pattern, item) = (*after, *from);
            }
        }
    }
    patterns[pattern..].iter().all(is_any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match() {
        for (pattern, top, path, expected) in [
            ("/usr/lib/*.so", "/usr/lib", "a.so", true),
            ("/usr/lib/*.so", "/usr/lib", "a/b.so", false),
            ("/**/*.pyc", "/", "a.pyc", true),
            ("/**/*.pyc", "/", "a/b/c.pyc", true),
            ("/**/*.pyc", "/", "a/b/c.py", false),
            ("/app/**", "/app", "a/b", true),
            ("/a/**/b/**/c", "/a", "x/b/y/b/c", true),
            ("/a/**/b/**/c", "/a", "x/y/c", false),
            ("/a?c", "/", "abc", true),
            ("/a?c", "/", "ac", false),
            ("/.*", "/", ".git", true),
            ("/*/[id].js", "/", "x/[id].js", true),
        ] {
            let pattern = Pattern::parse(pattern);
            assert_eq!(pattern.top, Path::new(top));
            assert!(pattern.has_wildcards());
            assert_eq!(
                pattern.matches(Path::new(path)),
                expected,
                "{pattern:?} {path}"
            );
        }
    }

    #[test]
    fn a_backslash_makes_a_plain_character() {
        for (path, expected) in [
            ("/a/[id].js", "/a/[id].js"),
            (r"/a\*b", "/a*b"),
            (r"/a\\b", r"/a\b"),
        ] {
            let pattern = Pattern::parse(path);
            assert!(!pattern.has_wildcards(), "{path}");
            assert_eq!(pattern.top, Path::new(expected));
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Pattern::parse(&format!("/{}b", "*a".repeat(60)));
        assert!(!pattern.matches(Path::new(&"a".repeat(200))));
        let pattern = Pattern::parse(&format!("{}/b", "/**/a".repeat(60)));
        assert!(!pattern.matches(Path::new(&"a/".repeat(200))));
    }
}
