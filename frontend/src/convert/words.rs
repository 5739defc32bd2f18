//! Conversion of words in a Dockerfile, with quotes, escapes and variables, to strings with
//! expressions.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use buildkit_dockerfile::Lexer;

use super::template::{MAX_BYTES, Template, literal};

/// The maximum size of all values of a file in bytes. A long one may be used in every line.
const MAX_TOTAL_BYTES: usize = 4 << 20;

/// The values of variables, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Variables {
    values: Vec<(String, Template)>,
    /// The index of each variable.
    places: BTreeMap<String, usize>,
}

impl Variables {
    pub(super) fn get(&self, name: &str) -> Option<&Template> {
        self.places.get(name).map(|place| &self.values[*place].1)
    }

    pub(super) fn set(&mut self, name: &str, value: Template) {
        if let Some(place) = self.places.get(name) {
            self.values[*place].1 = value;
            return;
        }
        self.places.insert(name.to_owned(), self.values.len());
        self.values.push((name.to_owned(), value));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Template)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The values of names at a position.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub variables: &'a Variables,
    /// Whether an unknown name may be a variable of the stage's base.
    pub has_base: bool,
    pub escape: char,
    /// The variables of the base that were used.
    pub asked: &'a RefCell<BTreeSet<String>>,
    /// The size of all values of the file so far, in bytes.
    pub spent: &'a Cell<usize>,
}

impl Scope<'_> {
    /// Returns the value of a name, if it is known.
    fn variable(&self, name: &str) -> Option<Template> {
        if let Some(value) = self.variables.get(name) {
            return Some(value.clone());
        }
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if !self.has_base
            || name.is_empty()
            || !name.chars().all(is_name)
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return None;
        }
        self.asked.borrow_mut().insert(name.to_owned());
        Some(of_base(name))
    }

    /// Expands the variables of a word, and removes its quotes.
    pub(super) fn word(&self, text: &str) -> Result<Template, String> {
        self.read(text, false)
    }

    /// Expands the variables of a string in which quotes aren't special.
    pub(super) fn text(&self, text: &str) -> Result<Template, String> {
        self.read(text, true)
    }

    fn read(&self, text: &str, ignores_quotes: bool) -> Result<Template, String> {
        let mut reader = Reader {
            scope: self,
            rest: text,
            ignores_quotes,
            depth: 0,
        };
        let read = reader.until(None)?;
        if read.len() > MAX_BYTES {
            return Err("the value is too long".to_owned());
        }
        self.spent.set(self.spent.get() + read.len());
        if self.spent.get() > MAX_TOTAL_BYTES {
            return Err("the values of the file are too long, all together".to_owned());
        }
        Ok(read)
    }
}

/// Returns a variable of the stage's base.
pub(super) fn of_base(name: &str) -> Template {
    Template::expression(if name == "PATH" {
        "base.env.PATH".to_owned()
    } else {
        format!("base.env.?{name}.orValue(\"\")")
    })
}

struct Reader<'a> {
    scope: &'a Scope<'a>,
    rest: &'a str,
    ignores_quotes: bool,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.rest = &self.rest[letter.len_utf8()..];
        Some(letter)
    }

    fn until(&mut self, stop: Option<char>) -> Result<Template, String> {
        if self.depth > 20 {
            return Err("substitutions are nested too deeply".to_owned());
        }
        let mut result = Template::default();
        while let Some(letter) = self.peek() {
            if stop == Some(letter) {
                self.next();
                return Ok(result);
            }
            match letter {
                '$' => {
                    let value = self.dollar()?;
                    if result.len() + value.len() > MAX_BYTES {
                        return Err("the value is too long".to_owned());
                    }
                    result.push_template(&value);
                }
                '\'' if !self.ignores_quotes => {
                    self.next();
                    let (quoted, rest) = self.rest.split_once('\'').ok_or("a quote has no end")?;
                    result.push_str(quoted);
                    self.rest = rest;
                }
                '"' if !self.ignores_quotes => {
                    self.next();
                    self.double_quoted(&mut result)?;
                }
                letter if letter == self.scope.escape => {
                    self.next();
                    if let Some(escaped) = self.next() {
                        result.push(escaped);
                    }
                }
                letter => {
                    self.next();
                    result.push(letter);
                }
            }
        }
        match stop {
            None => Ok(result),
            Some(_) => Err("`}` is missing".to_owned()),
        }
    }

    fn double_quoted(&mut self, result: &mut Template) -> Result<(), String> {
        loop {
            match self.peek().ok_or("a quote has no end")? {
                '"' => {
                    self.next();
                    return Ok(());
                }
                '$' => result.push_template(&self.dollar()?),
                letter if letter == self.scope.escape => {
                    self.next();
                    match self.peek() {
                        Some(next) if next == '"' || next == '$' || next == letter => {
                            self.next();
                            result.push(next);
                        }
                        _ => result.push(letter),
                    }
                }
                letter => {
                    self.next();
                    result.push(letter);
                }
            }
        }
    }

    /// Parses `$NAME`, `${NAME}` or a substitution.
    fn dollar(&mut self) -> Result<Template, String> {
        let start = self.rest;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok(Template::text("$"));
            }
            return Ok(self.scope.variable(name).unwrap_or_default());
        }
        self.next();
        let name = self.name();
        let value = self.scope.variable(name);
        self.depth += 1;
        let result = match self.next() {
            Some('}') => Ok(value.unwrap_or_default()),
            Some(':') => {
                let modifier = self.next();
                self.substitution(value, modifier, true)
            }
            Some('/') => {
                let all = self.peek() == Some('/');
                if all {
                    self.next();
                }
                let pattern = self.until(Some('/'))?;
                let replacement = self.until(Some('}'))?;
                replaced(
                    value.as_ref(),
                    &pattern,
                    &replacement,
                    all,
                    self.part(start),
                )
            }
            Some(modifier @ ('#' | '%')) => {
                let pattern = self.until(Some('}'))?;
                trimmed(value.as_ref(), &pattern, modifier, name, self.part(start))
            }
            modifier => self.substitution(value, modifier, false),
        };
        self.depth -= 1;
        result
    }

    /// Returns the text that was read since a position.
    fn part(&self, start: &'a str) -> &'a str {
        &start[..start.len() - self.rest.len()]
    }

    /// Parses the rest of `${NAME:-word}` and similar.
    fn substitution(
        &mut self,
        value: Option<Template>,
        modifier: Option<char>,
        or_empty: bool,
    ) -> Result<Template, String> {
        let word = self.until(Some('}'))?;
        // A variable with a string value is set, even if the value is empty. It can't be checked
        // whether other variables are set; arguments without a value are empty here.
        let is_set = !or_empty
            && value
                .as_ref()
                .is_some_and(|value| value.constant().is_some());
        let value = value.unwrap_or_default();
        let known = (is_set || value.is_never_empty()).then_some(true);
        let known = known.or(value.constant().map(|text| !text.is_empty()));
        match modifier {
            Some('-') => Ok(match known {
                Some(true) => value,
                Some(false) => word,
                None => chosen(&value, &value, &word),
            }),
            Some('+') => Ok(match known {
                Some(true) => word,
                Some(false) => Template::default(),
                None => chosen(&value, &word, &Template::default()),
            }),
            Some('?') if known == Some(true) => Ok(value),
            Some('?') => Err(format!(
                "`${{…{}?…}}` ends a build without a value, which no expression does; declare the argument with `required: true`",
                if or_empty { ":" } else { "" }
            )),
            _ => Err("this substitution is not known".to_owned()),
        }
    }

    /// Parses the name of a variable, like Docker's frontend.
    fn name(&mut self) -> &'a str {
        let rest = self.rest;
        let first = rest.chars().next();
        let length = match first {
            Some(digit) if digit.is_numeric() => rest
                .find(|letter: char| !letter.is_numeric())
                .unwrap_or(rest.len()),
            Some(special) if "@*#?-$!".contains(special) => 1,
            _ => rest
                .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .unwrap_or(rest.len()),
        };
        self.rest = &rest[length..];
        &rest[..length]
    }
}

/// Returns one of two values, depending on whether a third is empty.
fn chosen(of: &Template, then: &Template, other: &Template) -> Template {
    let condition = of.as_expression();
    let condition = if of.only_expression().is_some() && !condition.contains(['?', '+']) {
        condition
    } else {
        format!("({condition})")
    };
    let side = |side: &Template| {
        let text = side.as_expression();
        if text.contains(" ? ") && !text.starts_with('(') {
            format!("({text})")
        } else {
            text
        }
    };
    Template::expression(format!(
        "{condition} != \"\" ? {} : {}",
        side(then),
        side(other)
    ))
}

/// Computes a substitution with the crate's lexer, for known values.
fn computed(name: &str, value: &str, part: &str) -> Result<Template, String> {
    let environment = [(name.to_owned(), value.to_owned())];
    let word = Lexer::new('\\').word(part, &environment.as_slice());
    word.map(|word| Template::text(word.text))
        .map_err(|mistake| mistake.message)
}

/// Returns `${NAME#pattern}` and similar.
fn trimmed(
    value: Option<&Template>,
    pattern: &Template,
    modifier: char,
    name: &str,
    part: &str,
) -> Result<Template, String> {
    let Some(value) = value else {
        return Ok(Template::default());
    };
    if let (Some(value), Some(_)) = (value.constant(), pattern.constant()) {
        return computed(name, value, part);
    }
    let plain = pattern
        .constant()
        .map(|pattern| pattern.trim_start_matches(modifier));
    let plain = plain.filter(|pattern| !pattern.contains(['*', '?', '[', '\\']));
    let (Some(plain), Some(of)) = (plain, value.only_expression()) else {
        return Err(format!(
            "`{part}` has no counterpart: expressions have no patterns"
        ));
    };
    let (text, size) = (literal(plain), plain.chars().count());
    Ok(Template::expression(if modifier == '#' {
        format!("{of}.startsWith({text}) ? {of}.substring({size}) : {of}")
    } else {
        format!("{of}.endsWith({text}) ? {of}.substring(0, size({of}) - {size}) : {of}")
    }))
}

/// Returns `${NAME/pattern/replacement}`.
fn replaced(
    value: Option<&Template>,
    pattern: &Template,
    replacement: &Template,
    all: bool,
    part: &str,
) -> Result<Template, String> {
    let Some(value) = value else {
        return Ok(Template::default());
    };
    let plain = pattern
        .constant()
        .filter(|pattern| !pattern.contains(['*', '?', '[', '\\']));
    let Some(pattern) = plain else {
        return Err(format!(
            "`{part}` has no counterpart: expressions have no patterns"
        ));
    };
    if let (Some(value), Some(replacement)) = (value.constant(), replacement.constant()) {
        return Ok(Template::text(if all {
            value.replace(pattern, replacement)
        } else {
            value.replacen(pattern, replacement, 1)
        }));
    }
    let (of, pattern, replacement) = (
        value.as_expression(),
        literal(pattern),
        replacement.as_expression(),
    );
    let of = if value.only_expression().is_some() && !of.contains(['?', '+']) {
        of
    } else {
        format!("({of})")
    };
    Ok(Template::expression(if all {
        format!("{of}.replace({pattern}, {replacement})")
    } else {
        format!("{of}.replace({pattern}, {replacement}, 1)")
    }))
}
