//! Paths with wildcards, as `copy` and `bind` take them and as BuildKit matches them.

use std::borrow::Cow;

/// The characters that make a pattern of a path.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// Tells whether a path is a pattern.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(WILDCARDS)
}

/// Returns the pattern that stands for a path: the path itself if it may be one, else one that matches just this path.
pub(crate) fn pattern(path: &str, globs: bool) -> Cow<'_, str> {
    if globs {
        Cow::Borrowed(path)
    } else {
        escape(path)
    }
}

/// Writes a path as a pattern that matches just this path.
///
/// A bracket is written as a set of one character, since a backslash separates directories where the client runs Windows.
/// There, names have none of the other characters.
pub(crate) fn escape(path: &str) -> Cow<'_, str> {
    if !path.contains(WILDCARDS) && !path.contains('\\') {
        return Cow::Borrowed(path);
    }
    let mut escaped = String::with_capacity(path.len() + 8);
    for letter in path.chars() {
        match letter {
            '[' => escaped.push_str("[[]"),
            '*' | '?' | '\\' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            letter => escaped.push(letter),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_patterns() {
        for (path, expected) in [
            ("app/page.tsx", "app/page.tsx"),
            ("app/[slug]/page.tsx", "app/[[]slug]/page.tsx"),
            ("a*b?c\\d", "a\\*b\\?c\\\\d"),
        ] {
            assert_eq!(escape(path), expected);
        }
        assert_eq!(pattern("*.js", true), "*.js");
    }
}
