//! Words with quotes, escapes and variables (`frontend/dockerfile/shell`).
//!
//! The syntax is a small part of a shell's. Differences from a shell are the same as in Docker's frontend, since the
//! resulting words become part of the graph.

mod environment;
mod pattern;
mod reader;
mod scanner;

use std::collections::BTreeSet;

pub use environment::{Environment, NoVariables};
use reader::Reader;
use scanner::Scanner;

use crate::go;
use crate::mistake::Mistake;

/// The maximum nesting depth of substitutions. Each level takes stack, and nobody nests this deep by hand.
const MAX_NESTED: usize = 100;

/// The maximum size of a text after expansion, in bytes. Arguments that contain each other twice double in size with
/// each line.
const MAX_BYTES: usize = 16 << 20;

/// Splits text into words and expands variables.
///
/// ```
/// use buildkit_dockerfile::{Lexer, NoVariables};
///
/// let lexer = Lexer::new('\\');
/// let env = [("NAME".to_owned(), "world".to_owned())];
/// let word = lexer.word("\"hello ${NAME:-nobody}\"", &env.as_slice())?;
/// assert_eq!(word.text, "hello world");
/// assert_eq!(lexer.word("$NOBODY", &NoVariables)?.unmatched.len(), 1);
/// # Ok::<(), buildkit_dockerfile::Mistake>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent options, each with its own setter"
)]
pub struct Lexer {
    escape: char,
    raw_quotes: bool,
    raw_escapes: bool,
    ignores_quotes: bool,
    keeps_unset: bool,
}

/// A text after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Word {
    /// The full text.
    pub text: String,
    /// The text, split at unquoted white space.
    pub words: Vec<String>,
    /// The variables that were expanded.
    pub matched: BTreeSet<String>,
    /// The variables that are not set.
    pub unmatched: BTreeSet<String>,
}

impl Lexer {
    /// Creates a lexer with an escape character: a backslash, or the one set by the directive `escape`.
    pub fn new(escape: char) -> Self {
        Self {
            escape,
            raw_quotes: false,
            raw_escapes: false,
            ignores_quotes: false,
            keeps_unset: false,
        }
    }

    /// Keeps quotes in the result.
    #[must_use]
    pub fn with_raw_quotes(mut self) -> Self {
        self.raw_quotes = true;
        self
    }

    /// Keeps escape characters in the result.
    #[must_use]
    pub fn with_raw_escapes(mut self) -> Self {
        self.raw_escapes = true;
        self
    }

    /// Treats quotes as ordinary characters.
    #[must_use]
    pub fn ignoring_quotes(mut self) -> Self {
        self.ignores_quotes = true;
        self
    }

    /// Leaves variables that are not set unexpanded.
    #[must_use]
    pub fn keeping_unset(mut self) -> Self {
        self.keeps_unset = true;
        self
    }

    /// Expands the variables in a text, and splits it into words.
    ///
    /// The error has no location: the caller knows where the text comes from.
    pub fn word(self, text: &str, environment: &dyn Environment) -> Result<Word, Mistake> {
        self.word_and_unmatched(text, environment).0
    }

    /// Returns the text if expansion wouldn't change it, whatever the variables are.
    pub(crate) fn plain(self, text: &str) -> Option<&str> {
        let is_special = |byte: &u8| matches!(byte, b'$' | b'\'' | b'"' | b'<');
        let mut bytes = text.as_bytes().iter();
        let is_plain = match u8::try_from(self.escape) {
            Ok(escape) if escape.is_ascii() => {
                !bytes.any(|byte| is_special(byte) || *byte == escape)
            }
            _ => !bytes.any(is_special) && !text.contains(self.escape),
        };
        is_plain.then(|| text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Like [`word`](Self::word), but also returns the variables that are not set if there is a mistake.
    pub(crate) fn word_and_unmatched(
        self,
        text: &str,
        environment: &dyn Environment,
    ) -> (Result<Word, Mistake>, BTreeSet<String>) {
        // Most texts contain nothing special, and are words as they are.
        if let Some(plain) = self.plain(text) {
            let word = Word {
                text: plain.to_owned(),
                words: text.split_whitespace().map(str::to_owned).collect(),
                ..Word::default()
            };
            return (Ok(word), BTreeSet::new());
        }
        let mut reader = Reader {
            lexer: self,
            scanner: Scanner::new(text),
            environment,
            raw_escapes: self.raw_escapes,
            word: String::new(),
            depth: 0,
            is_too_large: false,
            matched: BTreeSet::new(),
            unmatched: BTreeSet::new(),
        };
        let result = reader.until(None, self.raw_escapes);
        let unmatched = reader.unmatched;
        let word = match result {
            Ok((text, words)) => Ok(Word {
                text,
                words,
                matched: reader.matched,
                unmatched: unmatched.clone(),
            }),
            Err(error) => Err(Mistake {
                // The next one would take as long, and so on.
                is_of_the_whole: reader.is_too_large,
                ..Mistake::new(format!("failed to process {}: {error}", go::quote(text)))
            }),
        };
        (word, unmatched)
    }
}

#[cfg(test)]
mod tests;
