//! Splitting of arguments, which depends on the instruction.

use serde_json::Value;

use crate::go;
use crate::instruction::Pair;
use crate::text::Text;

/// The characters that separate words outside of quotes.
const BLANKS: [char; 5] = ['\t', '\u{b}', '\u{c}', '\r', ' '];

/// Splits a text at its first white space.
pub(crate) fn split_blank(text: &str) -> (&str, Option<&str>) {
    // Byte by byte, since all of them are ASCII.
    let is_blank = |byte: &u8| BLANKS.contains(&char::from(*byte));
    match text.as_bytes().iter().position(is_blank) {
        None => (text, None),
        Some(at) => (&text[..at], Some(text[at..].trim_start_matches(BLANKS))),
    }
}

/// Splits off the flags.
pub(super) fn split_flags(line: &Text, escape: char) -> (Vec<Text>, Text) {
    split_plain_flags(line, escape).unwrap_or_else(|| split_quoted_flags(line, escape))
}

/// Splits off the flags and removes their quotes and escapes: byte by byte like Docker's frontend, so non-ASCII letters are
/// corrupted.
fn split_quoted_flags(line: &Text, escape: char) -> (Vec<Text>, Text) {
    enum Phase {
        Blanks,
        Word,
        Quote(char),
    }
    let bytes = line.as_bytes();
    let rest = |at: usize| match line.get(at..) {
        Some(rest) => line.part(rest),
        None => String::from_utf8_lossy(&bytes[at..]).into_owned().into(),
    };
    let (mut flags, mut flag, mut was_quoted) = (Vec::new(), String::new(), false);
    let mut phase = Phase::Blanks;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let character = char::from(byte);
        match phase {
            Phase::Blanks if character.is_whitespace() => {
                at += 1;
                continue;
            }
            Phase::Blanks => {
                if !bytes[at..].starts_with(b"--") {
                    return (flags, rest(at));
                }
                phase = Phase::Word;
                continue;
            }
            Phase::Word if character.is_whitespace() => {
                phase = Phase::Blanks;
                if flag == "--" {
                    return (flags, rest(at));
                }
                if was_quoted || !flag.is_empty() {
                    flags.push(std::mem::take(&mut flag).into());
                }
                was_quoted = false;
                at += 1;
                continue;
            }
            Phase::Word if matches!(character, '\'' | '"') => {
                was_quoted = true;
                phase = Phase::Quote(character);
                at += 1;
                continue;
            }
            Phase::Quote(quote) if character == quote => {
                phase = Phase::Word;
                at += 1;
                continue;
            }
            Phase::Word | Phase::Quote(_) => {}
        }
        if character == escape {
            at += 1;
            // At the end, it escapes nothing.
            if let Some(&escaped) = bytes.get(at) {
                flag.push(char::from(escaped));
            } else if let Phase::Quote(_) = phase {
                phase = Phase::Word;
            }
        } else {
            flag.push(character);
        }
        at += 1;
    }
    if !matches!(phase, Phase::Blanks) && flag != "--" && (was_quoted || !flag.is_empty()) {
        flags.push(flag.into());
    }
    (flags, Text::default())
}

/// Splits off flags without quotes or other special characters, as pieces of the line; `None` if there are such characters.
fn split_plain_flags(line: &Text, escape: char) -> Option<(Vec<Text>, Text)> {
    let is_plain = |letter: char| {
        letter.is_ascii_graphic() && !matches!(letter, '\'' | '"') && letter != escape
    };
    let mut flags = Vec::new();
    let mut rest = line.as_str();
    while rest.starts_with("--") {
        let (flag, after) = rest.split_once(' ')?;
        if flag == "--" || !flag.chars().all(is_plain) {
            return None;
        }
        flags.push(line.part(flag));
        rest = after;
    }
    // The rest is another flag only if all white space before it was removed.
    let is_text = rest.starts_with(|first: char| first.is_ascii_graphic());
    is_text.then(|| (flags, line.part(rest)))
}

/// Splits at white space outside of quotes, and keeps the quotes.
pub(crate) fn quoted(text: &str, escape: char) -> Vec<&str> {
    let mut words = Vec::new();
    // The start of the word being read, and its quote character.
    let (mut start, mut quote) = (None, None);
    let mut end = text.len();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        if quote.is_none() && character.is_whitespace() {
            words.extend(start.take().map(|start| &text[start..at]));
            continue;
        }
        start.get_or_insert(at);
        match quote {
            None if matches!(character, '\'' | '"') => quote = Some(character),
            Some(open) if character == open => quote = None,
            _ => {}
        }
        // Nothing is escaped in single quotes. At the end, the escape character escapes nothing and is dropped.
        if character == escape && quote != Some('\'') && characters.next().is_none() {
            end = at;
        }
    }
    let last = start.map(|start| &text[start..end]);
    words.extend(last.filter(|last| !last.is_empty()));
    words
}

/// Parses `NAME=value …` or, in the legacy form, `NAME value`. Names may be empty.
pub(super) fn pairs(text: &Text, instruction: &str, escape: char) -> Result<Vec<Pair>, String> {
    let pair = |name: &str, value: &str, legacy| Pair {
        name: text.part(name),
        value: text.part(value),
        legacy,
    };
    let words = quoted(text, escape);
    let Some(first) = words.first() else {
        return Ok(Vec::new());
    };
    if !first.contains('=') {
        let (name, value) = split_blank(text);
        let value = value.ok_or_else(|| format!("{instruction} must have two arguments"))?;
        return Ok(vec![pair(name, value, true)]);
    }
    let mut pairs = Vec::with_capacity(words.len());
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            return Err(format!(
                "Syntax error - can't find = in {}. Must be of the form: name=value",
                go::quote(word)
            ));
        };
        pairs.push(pair(name, value, false));
    }
    Ok(pairs)
}

/// Splits at white space.
pub(super) fn list(text: &Text) -> Vec<Text> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut items = Vec::with_capacity(3);
    let mut rest = Some(text.as_str());
    while let Some(left) = rest {
        let (item, after) = split_blank(left);
        items.push(text.part(item));
        rest = after;
    }
    items
}

/// Parses a JSON array of strings, or else takes the text unchanged.
pub(super) fn json_or_text(text: &Text) -> Result<(Vec<Text>, bool), String> {
    Ok(match json(text)? {
        Some(items) => (items, true),
        None if text.is_empty() => (Vec::new(), false),
        None => (vec![text.clone()], false),
    })
}

/// Parses a JSON array of strings, or else splits the text at white space.
pub(super) fn json_or_list(text: &Text) -> Result<(Vec<Text>, bool), String> {
    Ok(match json(text)? {
        Some(items) => (items, true),
        None => (list(text), false),
    })
}

/// Parses a type, followed by what [`json_or_text`] parses.
pub(super) fn healthcheck(text: &Text) -> Result<(Vec<Text>, bool), String> {
    if text.is_empty() {
        return Ok((Vec::new(), false));
    }
    let (kind, command) = match text.find(char::is_whitespace) {
        None => (text.as_str(), ""),
        Some(at) => (&text[..at], text[at..].trim_start()),
    };
    let (command, is_json) = json_or_text(&text.part(command))?;
    let kind = std::iter::once(text.part(kind));
    Ok((kind.chain(command).collect(), is_json))
}

/// Parses a JSON array of strings; `None` if it isn't an array.
fn json(text: &str) -> Result<Option<Vec<Text>>, String> {
    let text = text.trim_start();
    if !text.starts_with('[') {
        return Ok(None);
    }
    let parsed = serde_json::from_str::<Vec<Value>>(text)
        .or_else(|_| serde_json::from_str(&without_lone_surrogates(text)));
    let Ok(items) = parsed else {
        return Ok(None);
    };
    let items = items.into_iter().map(|item| match item {
        Value::String(item) => Ok(item.into()),
        _ => {
            Err("when using JSON array syntax, arrays must be comprised of strings only".to_owned())
        }
    });
    items.collect::<Result<_, _>>().map(Some)
}

/// Replaces lone UTF-16 surrogates, like Go.
fn without_lone_surrogates(text: &str) -> String {
    const REPLACEMENT: &str = "\\ufffd";
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        replaced.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                replaced.push_str(REPLACEMENT);
                rest = &rest[6..];
                continue;
            }
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        let (kept, after) = rest.split_at(length);
        replaced.push_str(kept);
        rest = after;
    }
    replaced.push_str(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_pairs_that_stand_alone_are_replaced() {
        for (text, expected) in [
            (r#"["\ud800", "b"]"#, Some(["\u{fffd}", "b"])),
            (
                r#"["\uDC00\ud800x", "\ud83d\ude00"]"#,
                Some(["\u{fffd}\u{fffd}x", "😀"]),
            ),
            (
                r#"["\ud800\ud83d\ude00", "\\ud800"]"#,
                Some(["\u{fffd}😀", "\\ud800"]),
            ),
            (r#"["\ud8", "b"]"#, None),
            (r#"["\ud800", "b""#, None),
            ("[\\", None),
        ] {
            let expected = expected.map(|items| items.map(Text::from).to_vec());
            assert_eq!(json(text), Ok(expected), "{text}");
        }
    }

    /// All lines of these letters up to a length.
    fn lines(letters: &[char], length: usize) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut from = 0;
        for _ in 0..length {
            let to = lines.len();
            for line in from..to {
                let longer = letters
                    .iter()
                    .map(|letter| format!("{}{letter}", lines[line]));
                let longer: Vec<_> = longer.collect();
                lines.extend(longer);
            }
            from = to;
        }
        lines
    }

    #[test]
    fn flags_without_quotes_are_split_as_all_flags_are() {
        let letters = ['-', 'a', ' ', '\t', '"', '\\', 'é'];
        let mut plain = 0;
        for line in lines(&letters, 6) {
            for line in [line.clone(), format!("--a{line}"), format!("--a --{line}")] {
                let line = Text::from(line);
                let Some(split) = split_plain_flags(&line, '\\') else {
                    continue;
                };
                plain += usize::from(!split.0.is_empty());
                assert_eq!(split, split_quoted_flags(&line, '\\'), "{line:?}");
            }
        }
        assert!(plain > 10_000, "{plain} lines with flags");
    }
}
