//! What is wrong with a Dockerfile.

use std::fmt;

use crate::lines::Lines;

/// A mistake in a Dockerfile: Docker's message, and where it is.
///
/// The words are those of Docker's frontend, since people and tools look for them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// What is wrong.
    pub message: String,
    /// Where it is. Several where several instructions are involved, none where it is no place of the file's.
    pub places: Vec<Lines>,
    /// The instruction that is wrong, where Docker's frontend names no place.
    pub instruction: Option<Lines>,
    /// The word that is wrong, and what was probably meant. The message says so, too.
    pub suggestion: Option<(String, String)>,
    /// The heredoc that nothing ends, if that is what is wrong.
    pub open_heredoc: Option<Box<OpenHeredoc>>,
    /// Whether it is a limit of the whole file, which the file exceeds without this instruction, too.
    pub is_of_the_whole: bool,
}

/// A heredoc that no line ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenHeredoc {
    /// The word that opens it, as it is written: `<<-"EOF"`.
    pub word: String,
    /// The line that would end it.
    pub name: String,
    /// Whether tabs before that would be dropped (`<<-`).
    pub chomp: bool,
    /// The number of the first line that is that one but for blanks around it.
    pub nearly: Option<u32>,
}

impl Mistake {
    /// Describes a mistake without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            places: Vec::new(),
            instruction: None,
            suggestion: None,
            open_heredoc: None,
            is_of_the_whole: false,
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, lines: Lines) -> Self {
        self.places.push(lines);
        self
    }

    /// Puts what was being done before the message.
    #[must_use]
    pub fn within(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Adds the most similar of some names to the message, if one is similar.
    #[must_use]
    pub fn suggesting<'a>(mut self, word: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        if let Some(name) = similar(word, names) {
            self = self.meaning(word, name);
        }
        self
    }

    /// Adds what was probably meant to the message.
    #[must_use]
    pub(crate) fn meaning(mut self, word: &str, name: &str) -> Self {
        self.message = format!("{} (did you mean {name}?)", self.message);
        self.suggestion = Some((word.to_owned(), name.to_owned()));
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Mistake {}

/// How many letters may differ for a name to be suggested, plus one (`util/suggest`).
const TOO_FAR: usize = 3;

/// Returns the name that differs from a word in the fewest letters, if these are few. Nothing if one is the word
/// itself: then something else is wrong.
pub(crate) fn similar<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let mut distance = TOO_FAR;
    for name in names {
        if name == word {
            return None;
        }
        // A word as different in length can't be similar, and measuring it could take long.
        if name.len().abs_diff(word.len()) >= 4 * TOO_FAR {
            continue;
        }
        let found = strsim::levenshtein(word, name);
        if found < distance {
            (best, distance) = (Some(name), found);
        }
    }
    best
}

/// Like [`similar`], whatever the case of the letters. The suggestion has the case of the word.
pub(crate) fn similar_in_any_case<'a>(
    word: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let lower: Vec<String> = names.into_iter().map(str::to_lowercase).collect();
    let name = similar(&word.to_lowercase(), lower.iter().map(String::as_str))?;
    if word.to_lowercase() == word {
        Some(name.to_owned())
    } else if word.to_uppercase() == word {
        Some(name.to_uppercase())
    } else {
        Some(name.to_owned())
    }
}
