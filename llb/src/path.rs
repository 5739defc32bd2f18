//! Slash-separated paths, cleaned and joined lexically.
//!
//! File and exec operations carry paths of a *container*, so neither the host's separator nor its
//! file system may play a part: these are the rules of Go's package `path`, which the reference
//! implementation uses, and they decide digests.

use std::borrow::Cow;

/// Returns the shortest equivalent of `path`: no empty or `.` elements, `..` resolved where an
/// element precedes it, no trailing slash. An empty path becomes `.`.
///
/// Borrows when `path` is clean already, which is the usual case.
pub(crate) fn clean(path: &str) -> Cow<'_, str> {
    if is_clean(path) {
        return Cow::Borrowed(path);
    }
    let root = usize::from(path.starts_with('/'));
    let mut cleaned = String::with_capacity(path.len());
    cleaned.push_str(&path[..root]);
    // How much of it `..` doesn't take away: the root, and other `..`.
    let mut fixed = root;
    for element in path.split('/') {
        match element {
            "" | "." => {}
            ".." if cleaned.len() > fixed => {
                let last = cleaned[fixed..].rfind('/').unwrap_or(0);
                cleaned.truncate(fixed + last);
            }
            // Above the root there is only the root.
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

/// Joins `elements` with slashes, leaving out empty ones, and cleans the result. Joining nothing
/// gives the empty string.
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

/// Reports whether `path` begins at the root.
pub(crate) fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
}

/// Reports whether cleaning leaves `path` as it is. Of some paths it may not tell.
pub(crate) fn is_clean(path: &str) -> bool {
    if path == "/" || path == "." {
        return true;
    }
    // `..` elements that cleaning would keep are rare; leaving them to the slow path is simpler.
    let relative = path.strip_prefix('/').unwrap_or(path);
    // Elements are short, so that looking for slashes byte by byte is fastest.
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
