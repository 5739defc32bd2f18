//! Words: quotes, escapes and variables (`frontend/dockerfile/shell`).
//!
//! A small part of a shell's language. What differs from a shell differs in the same way in Docker's frontend, since
//! the words that come out reach the graph.

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

/// How deep substitutions may be nested in each other. Nobody writes them by hand this deep, and each takes stack.
const MOST_NESTED: usize = 100;

/// How many bytes a text may have once its variables are replaced. Arguments that hold each other twice double with each
/// line.
const MOST_BYTES: usize = 16 << 20;

/// Reads words.
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

/// A word, once its variables are replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Word {
    /// The whole text.
    pub text: String,
    /// The text, split at unquoted blanks.
    pub words: Vec<String>,
    /// The variables that were replaced.
    pub matched: BTreeSet<String>,
    /// The variables that are not set.
    pub unmatched: BTreeSet<String>,
}

impl Lexer {
    /// Makes a lexer with an escape character: a backslash, or what the directive `escape` says.
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

    /// Takes quotes for ordinary characters.
    #[must_use]
    pub fn ignoring_quotes(mut self) -> Self {
        self.ignores_quotes = true;
        self
    }

    /// Leaves variables that are not set as they are written.
    #[must_use]
    pub fn keeping_unset(mut self) -> Self {
        self.keeps_unset = true;
        self
    }

    /// Replaces the variables of a text, and splits it into words.
    ///
    /// The error has no place: the caller knows where the text is from.
    pub fn word(self, text: &str, environment: &dyn Environment) -> Result<Word, Mistake> {
        self.word_and_unmatched(text, environment).0
    }

    /// Returns a text in which nothing is replaced or taken away, whatever the variables are.
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

    /// Does the same as [`word`](Self::word), and returns the variables that are not set also where there is a mistake.
    pub(crate) fn word_and_unmatched(
        self,
        text: &str,
        environment: &dyn Environment,
    ) -> (Result<Word, Mistake>, BTreeSet<String>) {
        // Most texts hold nothing special, and are words as they stand.
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
