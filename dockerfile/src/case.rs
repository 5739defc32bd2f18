//! Upper and lower case, without allocations for ASCII.

use std::borrow::Cow;

use crate::instruction::KEYWORDS;

/// The case of a word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
}

/// Returns the keyword that a word stands for, in upper case. Non-ASCII letters follow Go's rules; some of them map to ASCII
/// letters.
pub(crate) fn keyword(word: &str) -> Option<&'static str> {
    let same = |keyword: &&str| {
        keyword.eq_ignore_ascii_case(word)
            || !word.is_ascii() && keyword.eq_ignore_ascii_case(&word.to_lowercase())
    };
    // Nearly all are written in upper case.
    let mut keywords = KEYWORDS.iter();
    let written = keywords.find(|keyword| **keyword == word);
    written
        .or_else(|| KEYWORDS.iter().find(|keyword| same(keyword)))
        .copied()
}

/// Returns the case of a word, if all its letters have the same case.
pub(crate) fn case(word: &str) -> Option<Case> {
    if is_lower(word) {
        Some(Case::Lower)
    } else if is_upper(word) {
        Some(Case::Upper)
    } else {
        None
    }
}

/// Returns a word in lower case.
pub(crate) fn lower(word: &str) -> Cow<'_, str> {
    if is_lower(word) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.to_lowercase())
    }
}

/// Reports whether a word is unchanged in lower case.
pub(crate) fn is_lower(word: &str) -> bool {
    if word.is_ascii() {
        !word.as_bytes().iter().any(u8::is_ascii_uppercase)
    } else {
        word.to_lowercase() == word
    }
}

/// Reports whether a word is unchanged in upper case.
pub(crate) fn is_upper(word: &str) -> bool {
    if word.is_ascii() {
        !word.as_bytes().iter().any(u8::is_ascii_lowercase)
    } else {
        word.to_uppercase() == word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_known_in_any_case() {
        for (word, expected) in [
            ("COPY", Some("COPY")),
            ("workDir", Some("WORKDIR")),
            // The lower case of the kelvin sign is `k`.
            ("wor\u{212a}dir", Some("WORKDIR")),
            ("COPPY", None),
            ("", None),
        ] {
            assert_eq!(keyword(word), expected, "{word}");
        }
    }

    #[test]
    fn a_word_has_the_case_of_all_its_letters() {
        assert!(case("from") == Some(Case::Lower));
        assert!(case("FROM") == Some(Case::Upper));
        assert!(case("From").is_none());
        assert!(case("\u{e9}") == Some(Case::Lower));
        assert!(case("\u{c9}A") == Some(Case::Upper));
    }
}
