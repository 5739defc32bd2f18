//! Paths with wildcards, as `copy` and `bind` take them and as BuildKit matches them.

use std::borrow::Cow;
use std::str::Chars;

/// The characters that make a pattern of a path.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// Tells whether a path is a pattern.
pub fn is_pattern(path: &str) -> bool {
    path.contains(WILDCARDS)
}

/// Returns the pattern that stands for a path: the path itself if it may be one, else one that matches just this path.
pub fn pattern(path: &str, globs: bool) -> Cow<'_, str> {
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
pub fn escape(path: &str) -> Cow<'_, str> {
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

/// Tells whether a name matches a pattern of one, as BuildKit sees it: `*`, `?`, `[…]`, and a backslash that takes a
/// character's meaning away.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    // Where the last `*` has taken no more than this, one character more is tried.
    let mut retry: Option<(&str, &str)> = None;
    loop {
        if let Some(rest) = pattern.strip_prefix('*') {
            pattern = rest;
            retry = Some((rest, name));
            continue;
        }
        if pattern.is_empty() && name.is_empty() {
            return true;
        }
        let mut letters = name.chars();
        if let Some(letter) = letters.next()
            && let Some(rest) = after_one(pattern, letter)
        {
            (pattern, name) = (rest, letters.as_str());
            continue;
        }
        let Some((after, from)) = retry else {
            return false;
        };
        let mut letters = from.chars();
        if letters.next().is_none() {
            return false;
        }
        (pattern, name) = (after, letters.as_str());
        retry = Some((pattern, name));
    }
}

/// Tells whether a name can be a pattern: every set of characters ends, and so does what a backslash begins.
pub fn is_valid(pattern: &str) -> bool {
    let mut rest = pattern.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' if rest.next().is_none() => return false,
            '[' => match set(rest.as_str(), letter) {
                Some((_, after)) => rest = after.chars(),
                None => return false,
            },
            _ => {}
        }
    }
    true
}

/// Returns what is left of a pattern that isn't empty and doesn't begin with `*`, once a character has matched its beginning.
fn after_one(pattern: &str, letter: char) -> Option<&str> {
    let mut letters = pattern.chars();
    match letters.next()? {
        '?' => Some(letters.as_str()),
        '[' => set(letters.as_str(), letter).and_then(|(found, rest)| found.then_some(rest)),
        '\\' => (letters.next()? == letter).then_some(letters.as_str()),
        plain => (plain == letter).then_some(letters.as_str()),
    }
}

/// Tells whether a character is in a set, whose bracket is open, and returns what is left after it; `None` if it never ends.
fn set(set: &str, letter: char) -> Option<(bool, &str)> {
    let negated = set.starts_with('^');
    let mut letters = set.strip_prefix('^').unwrap_or(set).chars();
    let (mut found, mut first) = (false, true);
    loop {
        if !first && let Some(rest) = letters.as_str().strip_prefix(']') {
            return Some((found != negated, rest));
        }
        first = false;
        let low = member(&mut letters)?;
        let mut high = low;
        if let Some(rest) = letters.as_str().strip_prefix('-') {
            letters = rest.chars();
            high = member(&mut letters)?;
        }
        found |= (low..=high).contains(&letter);
    }
}

/// Reads a character of a set: `-` and `]` only after a backslash.
fn member(letters: &mut Chars<'_>) -> Option<char> {
    match letters.next()? {
        '-' | ']' => None,
        '\\' => letters.next(),
        letter => Some(letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match() {
        for (pattern, name, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("*.key", "b.key", true),
            ("*.key", ".key", true),
            ("*.key", "b.keys", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("?", "é", true),
            ("?", "", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[[]x", "[x", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            ("[", "[", false),
            ("[a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        for (pattern, expected) in [
            ("a*[b-c]\\*", true),
            ("[", false),
            ("[a", false),
            ("[]", false),
            ("[]a]", false),
            ("[-a]", false),
            ("[a-]", false),
            (r"[\]\-]", true),
            ("a\\", false),
        ] {
            assert_eq!(is_valid(pattern), expected, "{pattern}");
        }
        assert!(!matches(&"*a".repeat(100), &"a".repeat(99)));
    }

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
