//! YAML 1.2 scalars, written so that all parsers read the same text.

use std::fmt::Write as _;

/// Words that some parsers don't read as strings, in any case.
const WORDS: [&str; 12] = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "=", "<<",
];

/// Reports whether all parsers read an unquoted string as the same string.
pub fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let marked = first.is_whitespace()
        || text.ends_with(char::is_whitespace)
        || "-?:,[]{}#&*!|>'\"%@`".contains(first)
        || text.ends_with(':')
        || text.contains(": ")
        || text.contains(" #")
        || text.starts_with("...");
    !marked
        && text.chars().all(is_visible)
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
        && !is_like_a_number(text)
}

/// Reports whether a parser may read a string as a number or a time: `0644`, `1_000`, `0x1f`, `12:30:45`, `.inf`, `2026-11-21`.
fn is_like_a_number(text: &str) -> bool {
    let unsigned = text.trim_start_matches(['+', '-']);
    if [".inf", ".nan"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(unsigned))
    {
        return true;
    }
    unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && text.contains(|letter: char| letter.is_ascii_digit())
        && text
            .chars()
            .all(|letter| letter.is_ascii_hexdigit() || "xXoO_.:+-tTzZ ".contains(letter))
}

/// Reports whether a text can be a block scalar.
pub fn fits_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\t', '\n'])
        && text
            .chars()
            .all(|letter| is_visible(letter) || matches!(letter, '\n' | '\t'))
}

/// Reports whether a character can be written unescaped in YAML.
fn is_visible(letter: char) -> bool {
    !letter.is_control()
        && !matches!(
            letter,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Returns a string in quotes, on one line.
pub fn escaped(text: &str) -> String {
    let mut yaml = String::new();
    for letter in serde_json::Value::from(text).to_string().chars() {
        // JSON leaves these unescaped; the others have at most four digits.
        if is_visible(letter) {
            yaml.push(letter);
        } else {
            _ = write!(yaml, "\\u{:04x}", u32::from(letter));
        }
    }
    yaml
}
