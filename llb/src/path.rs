//! Slash-separated paths, cleaned and joined lexically.
//!
//! File and exec operations carry paths of a *container*, so neither the host's separator nor its
//! file system may matter. The rules are those of Go's package `path`, which the reference
//! implementation uses, since digests depend on them.

use std::borrow::Cow;

/// Returns the shortest equivalent of `path`: without empty or `.` elements, with `..` resolved
/// where an element precedes it, without trailing slash. An empty path becomes `.`.
///
/// Borrows if `path` is clean already, which is the usual case.
pub(crate) fn clean(path: &str) -> Cow<'_, str> {
    if is_clean(path) {
        return Cow::Borrowed(path);
    }
    let root = usize::from(path.starts_with('/'));
    let mut cleaned = String::with_capacity(path.len());
    cleaned.push_str(&path[..root]);
    // The length of the part that `..` doesn't remove: the root, and other `..` elements.
    let mut fixed = root;
    for element in path.split('/') {
        match element {
            "" | "." => {}
            ".." if cleaned.len() > fixed => {
                let last = cleaned[fixed..].rfind('/').unwrap_or(0);
                cleaned.truncate(fixed + last);
            }
            // The parent of the root is the root.
            ".." if root > 0 => {}
            element => {
                if cleaned.len() > root {
                    cleaned.push('/');
                }
                cleaned.push_str(element);
                if element == ".." {
                    fixed = cleaned.len();
                }
            }
        }
    }
    if cleaned.is_empty() {
        cleaned.push('.');
    }
    Cow::Owned(cleaned)
}

/// Joins `elements` with slashes, leaving out empty ones, and cleans the result. Returns the empty
/// string if there is nothing to join.
pub(crate) fn join(elements: &[&str]) -> String {
    let length = elements.iter().map(|element| element.len() + 1).sum();
    let mut joined = String::with_capacity(length);
    for element in elements.iter().filter(|element| !element.is_empty()) {
        if !joined.is_empty() {
            joined.push('/');
        }
        joined.push_str(element);
    }
    if joined.is_empty() {
        return joined;
    }
    match clean(&joined) {
        Cow::Borrowed(_) => joined,
        Cow::Owned(clean) => clean,
    }
}

/// Reports whether `path` is absolute.
pub(crate) fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

/// Reports whether `path` is clean. It may return `false` for some clean paths.
pub(crate) fn is_clean(path: &str) -> bool {
    if path == "/" || path == "." {
        return true;
    }
    // `..` elements that cleaning would keep are rare; the slow path handles them.
    let relative = path.strip_prefix('/').unwrap_or(path);
    // Elements are short, so searching for slashes byte by byte is fastest.
    let mut elements = relative.as_bytes().split(|byte| *byte == b'/');
    elements.all(|element| !matches!(element, b"" | b"." | b".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_follows_go() {
        for (path, expected) in [
            ("", "."),
            (".", "."),
            ("/", "/"),
            ("//", "/"),
            ("abc", "abc"),
            ("abc/", "abc"),
            ("/abc/", "/abc"),
            ("abc//def//ghi", "abc/def/ghi"),
            ("abc/./def", "abc/def"),
            ("/./abc/def", "/abc/def"),
            ("abc/def/..", "abc"),
            ("abc/def/../ghi/../jkl", "abc/jkl"),
            ("/abc/def/../..", "/"),
            ("abc/def/../../..", ".."),
            ("/abc/def/../../..", "/"),
            ("abc/../../././../def", "../../def"),
            ("..", ".."),
            ("../..", "../.."),
            ("...", "..."),
        ] {
            assert_eq!(clean(path), expected, "{path:?}");
        }
    }

    #[test]
    fn join_follows_go() {
        for (elements, expected) in [
            (&["a", "b", "c"][..], "a/b/c"),
            (&["a", ""], "a"),
            (&["", "a"], "a"),
            (&["/", "a"], "/a"),
            (&["/", ""], "/"),
            (&["a/", "b"], "a/b"),
            (&["", ""], ""),
            (&["/sub", "../x"], "/x"),
            (&[], ""),
        ] {
            assert_eq!(join(elements), expected, "{elements:?}");
        }
    }
}
