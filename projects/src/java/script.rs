//! Quick inspection of Gradle scripts. They are programs, in Groovy or Kotlin; only values that are written in one of the usual
//! ways are read, computed ones aren't.

use std::ops::Range;

/// Replaces the comments in a script by spaces, so that positions don't change.
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
            // A string ends at the end of its line, unless it is a long one, in which comments aren't recognized.
            Some(mark) if letter == mark || letter == '\n' => quote = None,
            None if matches!(letter, '"' | '\'') => quote = Some(letter),
            _ => {}
        }
        text.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    text
}

/// Iterates over the positions of a whole word.
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

/// The maximum length of an unquoted word.
const MAX_WORD_LENGTH: usize = 256;

/// Returns the values after a word, with their positions: `word = value`, `word.set(value)`, `word(value)`, `word value`. These
/// may be strings, numbers, or the beginning of a computed value.
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

/// Returns the strings after a word like [`values`], except those that are part of a computed value: with interpolation, or as
/// an operand.
pub(super) fn names<'s>(
    script: &'s str,
    word: &'s str,
) -> impl Iterator<Item = (&'s str, Range<usize>)> + 's {
    values(script, word).filter(|(value, place)| {
        let quote = script[..place.start].chars().next_back();
        let is_string = match quote {
            Some('"') => !value.contains('$'),
            Some('\'') => true,
            _ => false,
        };
        let rest = script.get(place.end + 1..).unwrap_or_default();
        let is_operand = rest
            .trim_start_matches([' ', '\t'])
            .starts_with(['+', '.', '?', '-', '*']);
        is_string && !is_operand
    })
}

/// Returns the string, number or name at a position.
fn value(script: &str, start: usize) -> Option<(&str, Range<usize>)> {
    let rest = script.get(start..)?;
    let quote = rest
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''));
    let (from, length) = if let Some(mark) = quote {
        let length = rest[1..].find([mark, '\n'])?;
        let ends = rest[1 + length..].starts_with(mark);
        (start + 1, ends.then_some(length)?)
    } else {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-$".contains(byte);
        let bytes = rest.bytes().take(MAX_WORD_LENGTH + 1);
        (start, bytes.take_while(is_part).count())
    };
    let begins = quote.is_some() || !rest.starts_with(['.', '-']);
    let is_value = length > 0 && begins && (quote.is_some() || length <= MAX_WORD_LENGTH);
    is_value.then(|| (&script[from..from + length], from..from + length))
}

/// Returns the strings in a call: `include 'a', ":b"`, `include(":a", ":b")`.
pub(super) fn strings<'s>(script: &'s str, word: &'s str) -> Vec<&'s str> {
    let mut found = Vec::new();
    let mut read = 0;
    for at in words(script, word) {
        // A word in one of the strings isn't a call.
        if at < read {
            continue;
        }
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
            read = start;
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
        assert_eq!(
            strings("include 'include', 'a'", "include"),
            ["include", "a"]
        );
    }

    #[test]
    fn names_are_strings_and_nothing_computed() {
        for (script, expected) in [
            ("main = 'a.$B'", Some("a.$B")),
            ("main.set(\"a.B\")\n.x", Some("a.B")),
            ("main.set(providers.gradleProperty(\"main\"))", None),
            ("main = \"$group.Main\"", None),
            ("main = \"${group}.Main\"", None),
            ("main = 'a.' + name", None),
            ("main = \"a\".toString()", None),
            ("main = group", None),
            ("main = 17", None),
            ("main = group\nmain = 'a.B'", Some("a.B")),
        ] {
            let first = names(script, "main").next();
            assert_eq!(first.map(|(name, _)| name), expected, "{script}");
        }
    }

    #[test]
    fn long_words_take_time_by_their_length() {
        let begun = std::time::Instant::now();
        assert!(values(&"id.".repeat(100_000), "id").count() < 100);
        assert!(values(&"id=".repeat(100_000), "id").count() > 99_000);
        let dots = format!("id={}", "id.id=".repeat(50_000));
        assert!(values(&dots, "id").count() > 49_000);
        assert_eq!(values(&format!("id {}", "a".repeat(1000)), "id").count(), 0);
        let quotes = "include 'include \"', ".repeat(50_000);
        assert!(!strings(&quotes, "include").is_empty());
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    }
}
