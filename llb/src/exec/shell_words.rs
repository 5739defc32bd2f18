//! Splitting of a command line into words, the same way as the Go library `shlex`.

use thiserror::Error;

/// The reason why a command line can't be split.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ShellWordsError {
    /// The line has no words, so there is nothing to run.
    #[error("the command line `{line}` has no words")]
    Empty {
        /// The whole command line.
        line: String,
    },
    /// A quoted part is not closed.
    #[error("the command line `{line}` lacks a closing {quote}")]
    Quote {
        /// The whole command line.
        line: String,
        /// The quote that is missing.
        quote: char,
    },
    /// The line ends with a backslash.
    #[error("the command line `{line}` ends with a backslash")]
    Escape {
        /// The whole command line.
        line: String,
    },
}

/// Splits a command line. Backslashes are interpreted in double quotes but not in single quotes;
/// `#` at the start of a word begins a comment up to the end of the line.
pub(super) fn split(line: &str) -> Result<Vec<String>, ShellWordsError> {
    let owned = || line.to_owned();
    let quote = |quote| ShellWordsError::Quote {
        line: owned(),
        quote,
    };
    let escape = || ShellWordsError::Escape { line: owned() };
    let mut words = Vec::new();
    // `None` between words: a pair of quotes makes a word even if it is empty.
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '#' if word.is_none() => {
                characters.by_ref().find(|&character| character == '\n');
            }
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or_else(|| quote('\''))? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next().ok_or_else(|| quote('"'))? {
                        '"' => break,
                        '\\' => word.push(characters.next().ok_or_else(escape)?),
                        other => word.push(other),
                    }
                }
            }
            '\\' => {
                let escaped = characters.next().ok_or_else(escape)?;
                word.get_or_insert_default().push(escaped);
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    if words.is_empty() {
        return Err(ShellWordsError::Empty { line: owned() });
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (line, expected) in [
            ("echo hi", &["echo", "hi"][..]),
            ("  a\tb\r\nc ", &["a", "b", "c"]),
            (
                r#"sh -c "echo 'a b' $HOME""#,
                &["sh", "-c", "echo 'a b' $HOME"],
            ),
            (r#"a"b"'c'd"#, &["abcd"]),
            (r#"'' """#, &["", ""]),
            (r"a\ b \# \\", &["a b", "#", r"\"]),
            (r#""a\"b\nc""#, &[r#"a"bnc"#]),
            (r"'a\b'", &[r"a\b"]),
            ("a # b c\nd", &["a", "d"]),
            ("a#b", &["a#b"]),
            ("#only\nx", &["x"]),
        ] {
            assert_eq!(split(line).expect("valid"), expected, "{line}");
        }
    }

    #[test]
    fn refusals() {
        let owned = str::to_owned;
        for (line, expected) in [
            ("", ShellWordsError::Empty { line: owned("") }),
            (
                " # x",
                ShellWordsError::Empty {
                    line: owned(" # x"),
                },
            ),
            (
                "a 'b",
                ShellWordsError::Quote {
                    line: owned("a 'b"),
                    quote: '\'',
                },
            ),
            (
                "a \"b",
                ShellWordsError::Quote {
                    line: owned("a \"b"),
                    quote: '"',
                },
            ),
            ("a\\", ShellWordsError::Escape { line: owned("a\\") }),
            (
                "\"a\\",
                ShellWordsError::Escape {
                    line: owned("\"a\\"),
                },
            ),
        ] {
            assert_eq!(split(line), Err(expected), "{line}");
        }
    }
}
