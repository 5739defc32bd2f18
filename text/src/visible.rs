//! Text of others on its way to a person.
//!
//! A file, a path or a name may hold what a terminal takes for a command, what ends a line, or what turns the order of
//! letters around: with them a message could be forged. Whatever is shown goes through here: such characters are written as
//! escapes.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns a string of one line: line ends are written as escapes too.
pub fn line(text: &str) -> Cow<'_, str> {
    written(text, |letter| {
        letter != '\n' && letter != '\t' && is_plain(letter)
    })
}

/// Returns a string of several lines, which keeps its line ends.
pub fn lines(text: &str) -> Cow<'_, str> {
    written(text, is_plain)
}

/// Returns JSON in which these characters are written as JSON's own escapes. They stand in strings only.
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

/// A line of a file as it is shown, and the way from its bytes to what is shown of them.
#[derive(Debug)]
pub struct Excerpt<'a> {
    /// What is shown.
    pub text: Cow<'a, str>,
    /// The places of escapes: the byte of the file at which one ends, and by how many bytes what is shown is longer so far.
    shifts: Vec<(usize, usize)>,
}

impl<'a> Excerpt<'a> {
    /// Takes lines of a file.
    pub fn of(text: &'a str) -> Self {
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

    /// Returns the byte of what is shown at which a byte of the file begins.
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

/// Tells whether a character of a string of several lines is shown as it is.
fn is_plain(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control() || letter == '\n' || letter == '\t';
    }
    !letter.is_control()
        && !matches!(
            letter,
            // Line and paragraph separators.
            '\u{2028}' | '\u{2029}'
            // What changes the direction of what is read.
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // What is there and can't be seen: marks of annotations, byte order marks, tags.
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
        let excerpt = Excerpt::of("é\u{1b}x\u{202e}y");
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
