//! What scripts of Gradle say at a glance. They are programs, in Groovy or Kotlin; only what is written in one of the usual ways
//! is read, and what is computed is not.

use std::ops::Range;

/// Takes a script without its comments: they become spaces, so that places stay.
pub(super) fn without_comments(script: &str) -> String {
    let mut text = String::with_capacity(script.len());
    let mut rest = script;
    let mut quote = None;
    while let Some(letter) = rest.chars().next() {
        let comment = match quote {
            None if rest.starts_with("//") => Some(rest.find('\n').unwrap_or(rest.len())),
            None => rest
                .strip_prefix("/*")
                .map(|long| long.find("*/").map_or(rest.len(), |at| at + 4)),
            Some(_) => None,
        };
        if let Some(length) = comment {
            let blank = rest[..length]
                .bytes()
                .map(|byte| if byte == b'\n' { '\n' } else { ' ' });
            text.extend(blank);
            rest = &rest[length..];
            continue;
        }
        match quote {
            // A string ends with its line, unless it is a long one, in which no comment is looked for.
            Some(mark) if letter == mark || letter == '\n' => quote = None,
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            _ => {}
        }
        text.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    text
}

/// Lists the places of a word that stands alone.
fn words<'s>(script: &'s str, word: &'s str) -> impl Iterator<Item = usize> + 's {
    let is_part =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    script
        .match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            let bytes = script.as_bytes();
            let before = at.checked_sub(1).map(|at| &bytes[at]);
            !is_part(before) && !is_part(bytes.get(at + word.len()))
        })
}

/// Lists the values that stand after a word: `word = value`, `word.set(value)`, `word(value)`, `word value`, with their places.
pub(super) fn values<'s>(
    script: &'s str,
    word: &'s str,
) -> impl Iterator<Item = (&'s str, Range<usize>)> + 's {
    words(script, word).filter_map(move |at| {
        let rest = &script[at + word.len()..];
        let rest = rest.strip_prefix(".set").unwrap_or(rest);
        let rest = rest.trim_start_matches([' ', '\t', '=', '(']);
        let start = script.len() - rest.len();
        value(script, start)
    })
}

/// Returns the string, number or name at a place.
fn value(script: &str, start: usize) -> Option<(&str, Range<usize>)> {
    let rest = script.get(start..)?;
    let quote = rest
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''));
    let (from, length) = match quote {
        Some(mark) => (start + 1, rest[1..].find(mark)?),
        None => (
            start,
            rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || "._-$".contains(letter)))
                .unwrap_or(rest.len()),
        ),
    };
    let value = &script[from..from + length];
    let is_line = !value.is_empty() && !value.contains('\n');
    is_line.then_some((value, from..from + length))
}

/// Lists the strings of a call: `include 'a', ":b"`, `include(":a", ":b")`.
pub(super) fn strings<'s>(script: &'s str, word: &'s str) -> Vec<&'s str> {
    let mut found = Vec::new();
    for at in words(script, word) {
        let mut start = at + word.len();
        while let Some(rest) = script.get(start..) {
            let skipped = rest.trim_start_matches([' ', '\t', '(', ',', '\n', '\r']);
            start += rest.len() - skipped.len();
            if !skipped.starts_with(['"', '\'']) {
                break;
            }
            let Some((value, place)) = value(script, start) else {
                break;
            };
            found.push(value);
            start = place.end + 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_left_out_and_places_stay() {
        let script = "a // 'b'\nurl 'https://x' /* é\n */ c /* d";
        let text = without_comments(script);
        assert_eq!(text.len(), script.len());
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>(),
            ["a", "url", "'https://x'", "c"]
        );
    }

    #[test]
    fn values_are_found_as_they_are_written() {
        let found = |script: &str, word: &str| {
            let mut all = values(script, word);
            all.next().map(|(value, place)| {
                assert_eq!(&script[place], value);
                value.to_owned()
            })
        };
        for (script, word, expected) in [
            ("mainClass = 'a.B'", "mainClass", Some("a.B")),
            ("mainClass.set(\"a.B\")", "mainClass", Some("a.B")),
            ("jvmToolchain(17)", "jvmToolchain", Some("17")),
            (
                "sourceCompatibility = JavaVersion.VERSION_17",
                "sourceCompatibility",
                Some("JavaVersion.VERSION_17"),
            ),
            ("id 'application'\n", "id", Some("application")),
            ("kotlin(\"jvm\") version \"2\"", "kotlin", Some("jvm")),
            ("mainClassName = x", "mainClass", None),
            ("mainClass = ", "mainClass", None),
            ("mainClass", "mainClass", None),
            ("mainClass = 'a", "mainClass", None),
        ] {
            assert_eq!(found(script, word).as_deref(), expected, "{script}");
        }
        assert_eq!(
            strings("include 'a', \":b\"\ninclude(\":c:d\")", "include"),
            ["a", ":b", ":c:d"]
        );
        assert_eq!(strings("include(\n  \"a\",\n  'b", "include"), ["a"]);
    }
}
