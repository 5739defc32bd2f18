//! Mistakes in a Dockerfile.

use std::fmt;

use crate::lines::Lines;

/// A mistake in a Dockerfile: Docker's message, and its location.
///
/// The messages are those of Docker's frontend, since people and tools search for them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// The message.
    pub message: String,
    /// The locations: several if several instructions are involved, none if it isn't in the file.
    pub places: Vec<Lines>,
    /// The instruction that is wrong, if Docker's frontend reports no location.
    pub instruction: Option<Lines>,
    /// The word that is wrong, and what was probably meant. The message includes both.
    pub suggestion: Option<(String, String)>,
    /// The unterminated heredoc, if that is the mistake.
    pub open_heredoc: Option<Box<OpenHeredoc>>,
    /// Whether a limit of the whole file is exceeded, even without this instruction.
    pub is_of_the_whole: bool,
}

/// An unterminated heredoc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenHeredoc {
    /// The word that opens it, as written: `<<-"EOF"`.
    pub word: String,
    /// The line that would end it.
    pub name: String,
    /// Whether leading tabs on that line would be dropped (`<<-`).
    pub chomp: bool,
    /// The number of the first line that equals it except for surrounding white space.
    pub nearly: Option<u32>,
}

impl Mistake {
    /// Creates a mistake without a location.
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

    /// Adds a location.
    #[must_use]
    pub fn at(mut self, lines: Lines) -> Self {
        self.places.push(lines);
        self
    }

    /// Prefixes the message with what was being done.
    #[must_use]
    pub fn within(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Adds the most similar of several names to the message, if there is a similar one.
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

/// The number of differing letters at which a name is no longer suggested (`util/suggest`).
const TOO_FAR: usize = 3;

/// Returns the name that differs from a word in the fewest letters, if these are few. Returns `None` if a name
/// equals the word: then something else is wrong.
pub(crate) fn similar<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let mut distance = TOO_FAR;
    for name in names {
        if name == word {
            return None;
        }
        // A word whose length differs this much can't be similar, and comparing it could take long.
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

/// Like [`similar`], but ignoring case. The suggestion has the case of the word.
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
