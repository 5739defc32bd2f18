//! Making untrusted text safe to print.
//!
//! A file, a path or a name may contain characters that a terminal interprets as a command, that end a line, or that change
//! the direction of text, so that a message could be forged. All text is printed through this module, which escapes such
//! characters.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns a single line: line ends are escaped too.
pub fn line(text: &str) -> Cow<'_, str> {
    written(text, |letter| {
        letter != '\n' && letter != '\t' && is_plain(letter)
    })
}

/// Returns text with several lines, whose line ends are kept.
pub fn lines(text: &str) -> Cow<'_, str> {
    written(text, is_plain)
}

/// Returns JSON in which these characters are written as JSON escapes. They only occur in strings.
pub fn json(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut units = [0; 2];
    let mut json = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_plain(letter) {
            json.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut units) {
            _ = write!(json, "\\u{unit:04x}");
        }
    }
    Cow::Owned(json)
}

/// A line of a file as printed, and the mapping from its bytes to the printed text.
#[derive(Debug)]
pub struct Excerpt<'a> {
    /// The printed text.
    pub text: Cow<'a, str>,
    /// The positions of escapes: the offset in the file at which each ends, and the number of bytes by which the printed
    /// text is longer so far.
    shifts: Vec<(usize, usize)>,
}

impl<'a> Excerpt<'a> {
    /// Creates an excerpt from lines of a file.
    pub fn new(text: &'a str) -> Self {
        if text.chars().all(is_plain) {
            let text = Cow::Borrowed(text);
            let shifts = Vec::new();
            return Self { text, shifts };
        }
        let (mut shown, mut shifts) = (String::with_capacity(text.len()), Vec::new());
        for (at, letter) in text.char_indices() {
            push(&mut shown, letter, is_plain(letter));
            if !is_plain(letter) {
                let end = at + letter.len_utf8();
                shifts.push((end, shown.len() - end));
            }
        }
        let text = Cow::Owned(shown);
        Self { text, shifts }
    }

    /// Returns the offset in the printed text of a byte of the file.
    pub fn place(&self, at: usize) -> usize {
        let before = self.shifts.partition_point(|(end, _)| *end <= at);
        let shift = before.checked_sub(1).map_or(0, |last| self.shifts[last].1);
        at + shift
    }
}

fn written(text: &str, is_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&is_kept) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        push(&mut shown, letter, is_kept(letter));
    }
    Cow::Owned(shown)
}

fn push(shown: &mut String, letter: char, is_kept: bool) {
    match letter {
        letter if is_kept => shown.push(letter),
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        letter => _ = write!(shown, "\\u{{{:x}}}", u32::from(letter)),
    }
}

/// Reports whether a character in text with several lines is printed unescaped.
fn is_plain(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control() || letter == '\n' || letter == '\t';
    }
    !letter.is_control()
        && !matches!(
            letter,
            // Line and paragraph separators.
            '\u{2028}' | '\u{2029}'
            // Characters that change the text direction.
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Invisible characters: annotation marks, byte order marks, tags.
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_as_an_escape() {
        for (text, shown) in [
            ("plain – é 日本 👩‍🚀", "plain – é 日本 👩‍🚀"),
            ("n\u{1b}]0;X\u{7}", "n\\u{1b}]0;X\\u{7}"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("a\u{85}b\u{2028}c", "a\\u{85}b\\u{2028}c"),
            ("a\u{202e}b\u{2066}c", "a\\u{202e}b\\u{2066}c"),
            ("a\rb\u{7f}\0", "a\\rb\\u{7f}\\u{0}"),
        ] {
            assert_eq!(line(text), shown);
            assert_eq!(lines(text), shown);
        }
        assert_eq!(line("a\nb\tc"), "a\\nb\\tc");
        assert_eq!(lines("a\nb\tc"), "a\nb\tc");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ "a\u{202e}": "b\u{9b}\u{e0041}\n" });
        let text = value.to_string();
        let shown = json(&text);
        assert!(shown.is_ascii(), "{shown}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).ok(),
            Some(value)
        );
    }

    #[test]
    fn places_lead_to_what_is_shown() {
        let excerpt = Excerpt::new("é\u{1b}x\u{202e}y");
        assert_eq!(excerpt.text, "é\\u{1b}x\\u{202e}y");
        let shown = |at| &excerpt.text[excerpt.place(at)..];
        assert_eq!(shown(0), excerpt.text);
        assert_eq!(shown(2), "\\u{1b}x\\u{202e}y");
        assert_eq!(shown(3), "x\\u{202e}y");
        assert_eq!(shown(4), "\\u{202e}y");
        assert_eq!(shown(7), "y");
        assert_eq!(shown(8), "");
    }
}
