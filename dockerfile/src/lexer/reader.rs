//! The reader of a single text.

use std::collections::BTreeSet;

use super::scanner::Scanner;
use super::{Environment, Lexer, MAX_BYTES, MAX_NESTED, pattern};

/// The reader of a single text.
pub(super) struct Reader<'a> {
    pub(super) lexer: Lexer,
    pub(super) scanner: Scanner<'a>,
    pub(super) environment: &'a dyn Environment,
    pub(super) raw_escapes: bool,
    /// The word being collected. It is shared with nested substitutions, which therefore drop the text directly before
    /// them from the words (but not from the text), as in Docker's frontend.
    pub(super) word: String,
    pub(super) depth: usize,
    /// Whether the text exceeds the size limit.
    pub(super) is_too_large: bool,
    pub(super) matched: BTreeSet<String>,
    pub(super) unmatched: BTreeSet<String>,
}

/// The completed words of a text.
#[derive(Default)]
struct Words {
    words: Vec<String>,
    in_word: bool,
}

impl Words {
    /// Adds a character. White space ends the word.
    fn add(&mut self, word: &mut String, character: char) {
        if !character.is_whitespace() {
            self.add_raw(word, character);
        } else if self.in_word && !word.is_empty() {
            self.words.push(std::mem::take(word));
            self.in_word = false;
        }
    }

    fn add_raw(&mut self, word: &mut String, character: char) {
        word.push(character);
        self.in_word = true;
    }

    fn add_raw_text(&mut self, word: &mut String, text: &str) {
        word.push_str(text);
        self.in_word = true;
    }

    fn finish(mut self, word: &mut String) -> Vec<String> {
        if !word.is_empty() {
            self.words.push(std::mem::take(word));
        }
        self.words
    }
}

impl Reader<'_> {
    /// Reads up to a character, or to the end.
    pub(super) fn until(
        &mut self,
        stop: Option<char>,
        raw_escapes: bool,
    ) -> Result<(String, Vec<String>), String> {
        if self.depth > MAX_NESTED {
            return Err(format!(
                "substitutions are nested more than {MAX_NESTED} deep"
            ));
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.raw_escapes, raw_escapes);
        let result = self.read(stop);
        self.raw_escapes = outer;
        self.depth -= 1;
        result
    }

    fn read(&mut self, stop: Option<char>) -> Result<(String, Vec<String>), String> {
        let mut result = String::new();
        self.word.clear();
        let mut words = Words::default();
        while let Some(character) = self.scanner.peek() {
            if stop == Some(character) {
                self.scanner.next();
                return Ok((result, words.finish(&mut self.word)));
            }
            match character {
                '$' => {
                    let value = self.dollar()?;
                    if result.len() + value.len() > MAX_BYTES {
                        self.is_too_large = true;
                        return Err(format!("the result is larger than {} MiB", MAX_BYTES >> 20));
                    }
                    result.push_str(&value);
                    for character in value.chars() {
                        words.add(&mut self.word, character);
                    }
                }
                '<' => {
                    let text = self.possible_heredoc();
                    result.push_str(&text);
                    words.add_raw_text(&mut self.word, &text);
                }
                '\'' if !self.lexer.ignores_quotes => {
                    let text = self.single_quoted()?;
                    result.push_str(&text);
                    words.add_raw_text(&mut self.word, &text);
                }
                '"' if !self.lexer.ignores_quotes => {
                    let text = self.double_quoted()?;
                    result.push_str(&text);
                    words.add_raw_text(&mut self.word, &text);
                }
                _ => {
                    self.scanner.next();
                    if character != self.lexer.escape {
                        words.add(&mut self.word, character);
                        result.push(character);
                        continue;
                    }
                    if self.raw_escapes {
                        words.add_raw(&mut self.word, character);
                        result.push(character);
                    }
                    // At the end of a line, it escapes nothing.
                    let Some(escaped) = self.scanner.next() else {
                        break;
                    };
                    words.add_raw(&mut self.word, escaped);
                    result.push(escaped);
                }
            }
        }
        if let Some(stop) = stop {
            return Err(format!(
                "unexpected end of statement while looking for matching {stop}"
            ));
        }
        Ok((result, words.finish(&mut self.word)))
    }

    fn single_quoted(&mut self) -> Result<String, String> {
        let mut result = String::new();
        self.scanner.next();
        if self.lexer.raw_quotes {
            result.push('\'');
        }
        loop {
            match self.scanner.next() {
                None => {
                    return Err(
                        "unexpected end of statement while looking for matching single-quote"
                            .to_owned(),
                    );
                }
                Some('\'') => {
                    if self.lexer.raw_quotes {
                        result.push('\'');
                    }
                    return Ok(result);
                }
                Some(character) => result.push(character),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<String, String> {
        let mut result = String::new();
        self.scanner.next();
        if self.lexer.raw_quotes {
            result.push('"');
        }
        loop {
            match self.scanner.peek() {
                None => {
                    return Err(
                        "unexpected end of statement while looking for matching double-quote"
                            .to_owned(),
                    );
                }
                Some('"') => {
                    self.scanner.next();
                    if self.lexer.raw_quotes {
                        result.push('"');
                    }
                    return Ok(result);
                }
                Some('$') => result.push_str(&self.dollar()?),
                Some(character) => {
                    self.scanner.next();
                    let mut character = character;
                    if character == self.lexer.escape {
                        if self.raw_escapes {
                            result.push(character);
                        }
                        match self.scanner.peek() {
                            None => continue,
                            // Only these can be escaped.
                            Some(next)
                                if next == '"' || next == '$' || next == self.lexer.escape =>
                            {
                                self.scanner.next();
                                character = next;
                            }
                            Some(_) => {}
                        }
                    }
                    result.push(character);
                }
            }
        }
    }

    /// Parses `$NAME`, `${NAME}` or a substitution.
    fn dollar(&mut self) -> Result<String, String> {
        self.scanner.next();
        if self.scanner.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return Ok(match self.variable(&name) {
                None if self.lexer.keeps_unset => format!("${name}"),
                value => value.unwrap_or_default(),
            });
        }
        self.scanner.next();
        match self.scanner.peek() {
            None => return Err("syntax error: missing '}'".to_owned()),
            Some('{' | '}' | ':') => return Err("syntax error: bad substitution".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        match self.scanner.next() {
            Some('}') => Ok(match self.variable(&name) {
                None if self.lexer.keeps_unset => format!("${{{name}}}"),
                value => value.unwrap_or_default(),
            }),
            Some(':') => {
                let modifier = self.scanner.next();
                let written = format!(":{}", modifier.unwrap_or('\u{fffd}'));
                self.substitution(&name, modifier, &written, true)
            }
            Some(modifier @ ('+' | '-' | '?' | '#' | '%')) => {
                self.substitution(&name, Some(modifier), &modifier.to_string(), false)
            }
            Some('/') => self.replacement(&name),
            other => Err(unsupported(&other.unwrap_or('\u{fffd}').to_string())),
        }
    }

    /// Parses the rest of `${NAME:-word}` and similar. `or_empty` means that an empty variable counts as unset.
    fn substitution(
        &mut self,
        name: &str,
        modifier: Option<char>,
        written: &str,
        or_empty: bool,
    ) -> Result<String, String> {
        let is_pattern = matches!(modifier, Some('#' | '%'));
        if or_empty && is_pattern {
            return Err(unsupported(written));
        }
        let word = match self.until(Some('}'), is_pattern) {
            Ok((word, _)) => word,
            Err(_) if self.scanner.peek().is_none() => {
                return Err("syntax error: missing '}'".to_owned());
            }
            Err(error) => return Err(error),
        };
        let value = self.variable(name);
        if self.lexer.keeps_unset && value.is_none() {
            return Ok(format!("${{{name}{written}{word}}}"));
        }
        let is_unset = value
            .as_ref()
            .is_none_or(|value| or_empty && value.is_empty());
        match modifier {
            Some('-') => Ok(match value {
                Some(value) if !is_unset => value,
                _ => word,
            }),
            Some('+') => Ok(if is_unset { String::new() } else { word }),
            Some('?') => match value {
                Some(value) if !is_unset => Ok(value),
                value => {
                    let default = match value {
                        None => "is not allowed to be unset",
                        Some(_) => "is not allowed to be empty",
                    };
                    let message = if word.is_empty() { default } else { &word };
                    Err(format!("{name}: {message}"))
                }
            },
            Some(side @ ('#' | '%')) => {
                // Doubling the character selects the longest match.
                let (longest, word) = match word.strip_prefix(side) {
                    Some(word) => (true, word),
                    None => (false, word.as_str()),
                };
                let value = value.unwrap_or_default();
                if side == '%' {
                    pattern::trim_end(word, &value, longest)
                } else {
                    pattern::trim_start(word, &value, longest)
                }
            }
            _ => Err(unsupported(written)),
        }
    }

    /// Parses the rest of `${NAME/pattern/replacement}`.
    fn replacement(&mut self, name: &str) -> Result<String, String> {
        let all = self.scanner.peek() == Some('/');
        if all {
            self.scanner.next();
        }
        let mut part = |stop: char, missing: &str| match self.until(Some(stop), true) {
            Ok((part, _)) => Ok(part),
            Err(_) if self.scanner.peek().is_none() => Err(missing.to_owned()),
            Err(error) => Err(error),
        };
        let pattern = part('/', "syntax error: missing '/' in ${}")?;
        let replacement = part('}', "syntax error: missing '}'")?;
        let Some(value) = self.variable(name) else {
            if self.lexer.keeps_unset {
                return Ok(format!("${{{name}/{pattern}/{replacement}}}"));
            }
            return pattern::replace(&pattern, "", &replacement, all);
        };
        pattern::replace(&pattern, &value, &replacement, all)
    }

    /// Parses the name of a variable: letters, digits and `_`, or only digits, or one special character.
    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(character) = self.scanner.peek() {
            if name.is_empty() && character.is_numeric() {
                while let Some(digit) = self.scanner.peek().filter(|c| c.is_numeric()) {
                    self.scanner.next();
                    name.push(digit);
                }
                return name;
            }
            if name.is_empty() && "@*#?-$!0".contains(character) {
                self.scanner.next();
                return character.to_string();
            }
            if !character.is_alphabetic() && !character.is_numeric() && character != '_' {
                break;
            }
            self.scanner.next();
            name.push(character);
        }
        name
    }

    /// Parses `<`, or `<<` with the white space before the following name.
    fn possible_heredoc(&mut self) -> String {
        self.scanner.next();
        if self.scanner.peek() != Some('<') {
            return "<".to_owned();
        }
        self.scanner.next();
        let mut result = "<<".to_owned();
        while let Some(blank @ ('\t' | '\r' | ' ')) = self.scanner.peek() {
            self.scanner.next();
            result.push(blank);
        }
        result
    }

    fn variable(&mut self, name: &str) -> Option<String> {
        let value = self.environment.get(name).map(str::to_owned);
        let names = match value {
            Some(_) => &mut self.matched,
            None => &mut self.unmatched,
        };
        if !names.contains(name) {
            names.insert(name.to_owned());
        }
        value
    }
}

fn unsupported(modifier: &str) -> String {
    format!("unsupported modifier ({modifier}) in substitution")
}
