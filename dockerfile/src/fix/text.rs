//! Fixes that depend only on the text.

use super::Edit;
use super::layout::Layout;
use crate::case::{Case, case};
use crate::instruction::{Instruction, InstructionKind, KEYWORDS};
use crate::parser::{quoted, split_blank};

/// The label that replaces `MAINTAINER`.
const AUTHORS: &str = "org.opencontainers.image.authors";

/// Splits an instruction into keyword and arguments.
pub(super) fn parts(layout: &Layout) -> Option<(&str, &str)> {
    let (keyword, rest) = split_blank(layout.joined.trim());
    Some((keyword, rest?.trim()))
}

/// Replaces a part of an instruction that is in one line.
pub(super) fn replace(layout: &Layout, part: &str, replacement: String) -> Option<Edit> {
    let range = layout.place(layout.offset(part))?;
    (part != replacement).then_some(Edit { range, replacement })
}

/// Changes the keyword to the case of the majority.
pub(super) fn casing(layout: &Layout, is_lower: bool) -> Option<Edit> {
    let (keyword, _) = split_blank(layout.joined.trim());
    let replacement = if is_lower {
        keyword.to_lowercase()
    } else {
        keyword.to_uppercase()
    };
    replace(layout, keyword, replacement)
}

/// Returns the single keyword that is closest to a mistyped one, in its case.
pub(super) fn keyword(word: &str) -> Option<String> {
    let upper = word.to_uppercase();
    let distance = |keyword: &&str| strsim::damerau_levenshtein(&upper, keyword);
    let closest = KEYWORDS.iter().min_by_key(|keyword| distance(keyword))?;
    let is_alone = KEYWORDS
        .iter()
        .all(|other| other == closest || distance(other) > distance(closest));
    let is_lower = case(word) == Some(Case::Lower);
    is_alone.then(|| {
        if is_lower {
            closest.to_lowercase()
        } else {
            (*closest).to_owned()
        }
    })
}

/// Returns the last two words of an instruction.
fn last_words(layout: &Layout) -> Option<(&str, &str)> {
    let mut words = layout.joined.split_whitespace().rev();
    let last = words.next()?;
    Some((words.next()?, last))
}

/// Changes `as` to the case of `FROM`.
pub(super) fn as_casing(layout: &Layout) -> Option<Edit> {
    let (keyword, _) = parts(layout)?;
    let (word, _) = last_words(layout)?;
    let replacement = match case(keyword)? {
        Case::Lower => word.to_lowercase(),
        Case::Upper => word.to_uppercase(),
    };
    replace(layout, word, replacement)
}

/// Changes the name of a stage to lower case, which is how it is known anyway.
pub(super) fn name_casing(layout: &Layout) -> Option<Edit> {
    let (_, name) = last_words(layout)?;
    replace(layout, name, name.to_lowercase())
}

/// Changes `NAME value` to `NAME=value`.
pub(super) fn pair(layout: &Layout, escape: char) -> Option<Edit> {
    let (_, arguments) = parts(layout)?;
    let (name, value) = split_blank(arguments);
    let value = value?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_.-/".contains(letter);
    if name.is_empty() || !name.chars().all(is_plain) {
        return None;
    }
    let one_word = quoted(value, escape);
    let quote = if one_word == [value] {
        ""
    } else if value.contains(['"', '\'', '<', escape]) {
        // These have another meaning in quotes.
        return None;
    } else {
        "\""
    };
    // The text between name and value is removed, so it must be white space.
    let (name, value) = (layout.offset(name), layout.offset(value));
    layout.place(name.start..value.start + 1)?;
    let range = layout.place(name.end..value.end)?;
    let value = &layout.joined[value];
    Some(Edit {
        range,
        replacement: format!("={quote}{value}{quote}"),
    })
}

/// Changes the protocols of ports to lower case.
pub(super) fn protocols(layout: &Layout) -> Option<Edit> {
    let (_, arguments) = parts(layout)?;
    let ports =
        arguments
            .split_inclusive(char::is_whitespace)
            .map(|port| match port.split_once('/') {
                Some((number, protocol)) if !protocol.contains('$') => {
                    format!("{number}/{}", protocol.to_lowercase())
                }
                _ => port.to_owned(),
            });
    replace(layout, arguments, ports.collect())
}

/// Reports whether an instruction sets the label for authors.
pub(super) fn labels_authors(instruction: &Instruction) -> bool {
    let InstructionKind::Label(pairs) = &instruction.kind else {
        return false;
    };
    pairs.iter().any(|pair| pair.name == AUTHORS)
}

/// Converts `MAINTAINER` to a label.
pub(super) fn maintainer(layout: &Layout, escape: char) -> Option<Edit> {
    let (keyword, value) = parts(layout)?;
    let (keyword_range, value_range) = (layout.offset(keyword), layout.offset(value));
    let range = layout.place(keyword_range.start..value_range.end)?;
    let inside = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let mut escaped = String::with_capacity(value.len());
    for letter in inside.unwrap_or(value).chars() {
        if letter == '"' || letter == '$' || letter == escape {
            escaped.push(escape);
        }
        escaped.push(letter);
    }
    let label = match case(keyword) {
        Some(Case::Lower) => "label",
        _ => "LABEL",
    };
    Some(Edit {
        range,
        replacement: format!("{label} {AUTHORS}=\"{escaped}\""),
    })
}

#[cfg(test)]
mod tests {
    use super::keyword;

    #[test]
    fn the_one_closest_keyword_is_meant() {
        for (word, meant) in [
            ("RNU", Some("RUN")),
            ("FORM", Some("FROM")),
            ("coppy", Some("copy")),
            ("Entrypont", Some("ENTRYPOINT")),
            ("AND", Some("ADD")),
            // As similar to `ADD` as to `ARG`.
            ("AXX", None),
        ] {
            assert_eq!(keyword(word).as_deref(), meant, "{word}");
        }
    }
}
