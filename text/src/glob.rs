//! Paths with wildcards, as `copy` and `bind` accept them and as BuildKit matches them.

use std::borrow::Cow;
use std::str::Chars;

/// The characters that make a path a pattern.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// Reports whether a path is a pattern.
pub fn is_pattern(path: &str) -> bool {
    path.contains(WILDCARDS)
}

/// Returns the pattern for a path: the path itself if `globs` is set, else a pattern that matches exactly this path.
pub fn pattern(path: &str, globs: bool) -> Cow<'_, str> {
    if globs {
        Cow::Borrowed(path)
    } else {
        escape(path)
    }
}

/// Converts a path to a pattern that matches exactly this path.
///
/// A bracket is written as a set of one character, since a backslash is a path separator on Windows clients. Names there
/// don't contain the other special characters.
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

/// Reports whether a name matches a pattern, with BuildKit's syntax: `*`, `?`, `[…]`, and a backslash that escapes the next
/// character.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern, name);
    // If the last `*` matched too little, it is extended by one character.
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

/// Reports whether a pattern is valid: all sets are closed, and all backslashes are followed by a character.
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

/// Matches a character with the beginning of a pattern that is neither empty nor begins with `*`, and returns the rest of the
/// pattern.
fn after_one(pattern: &str, letter: char) -> Option<&str> {
    let mut letters = pattern.chars();
    match letters.next()? {
        '?' => Some(letters.as_str()),
        '[' => set(letters.as_str(), letter).and_then(|(found, rest)| found.then_some(rest)),
        '\\' => (letters.next()? == letter).then_some(letters.as_str()),
        plain => (plain == letter).then_some(letters.as_str()),
    }
}

/// Reports whether a character is in a set, given after its opening bracket, and returns the text after the set; `None` if it
/// isn't closed.
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

/// Parses a character of a set: `-` and `]` only after a backslash.
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
