//! Strings with expressions.

/// The maximum length of a text: texts that double with each argument would exhaust the memory.
pub(super) const MAX_BYTES: usize = 1 << 16;

/// A part of a string.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// Text.
    Text(String),
    /// An expression, without its braces.
    Expression(String),
}

/// A string with expressions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Template {
    parts: Vec<Part>,
}

impl Template {
    pub(super) fn text(text: impl Into<String>) -> Self {
        let mut template = Self::default();
        template.push_str(&text.into());
        template
    }

    pub(super) fn expression(expression: impl Into<String>) -> Self {
        Self {
            parts: vec![Part::Expression(expression.into())],
        }
    }

    pub(super) fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }

    pub(super) fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }

    pub(super) fn push_template(&mut self, other: &Self) {
        for part in &other.parts {
            match part {
                Part::Text(text) => self.push_str(text),
                part @ Part::Expression(_) => self.parts.push(part.clone()),
            }
        }
    }

    /// Returns the length in bytes.
    pub(super) fn len(&self) -> usize {
        let lengths = self.parts.iter().map(|part| match part {
            Part::Text(text) | Part::Expression(text) => text.len(),
        });
        lengths.sum()
    }

    /// Returns the string, if it has no expressions.
    pub(super) fn constant(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Returns the expression, if it consists of only one.
    pub(super) fn only_expression(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Expression(expression)] => Some(expression),
            _ => None,
        }
    }

    /// Returns the string at its beginning.
    pub(super) fn start(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// Removes bytes from the string at its beginning.
    pub(super) fn without_start(&self, bytes: usize) -> Self {
        let mut rest = Self::default();
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(text) if index == 0 => {
                    rest.push_str(text.get(bytes..).unwrap_or_default());
                }
                Part::Text(text) => rest.push_str(text),
                part @ Part::Expression(_) => rest.parts.push(part.clone()),
            }
        }
        rest
    }

    /// Returns the string at its end.
    pub(super) fn end(&self) -> &str {
        match self.parts.last() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// Reports whether it depends on the base of the stage.
    pub(super) fn is_of_base(&self) -> bool {
        self.parts
            .iter()
            .any(|part| matches!(part, Part::Expression(text) if text.contains("base.")))
    }

    /// Reports whether it can't be empty, whatever its values are: because of its own text, or of
    /// an argument's default.
    pub(super) fn is_never_empty(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Text(text) => !text.is_empty(),
            Part::Expression(expression) => {
                let chosen = expression
                    .split_once(" != \"\" ? ")
                    .and_then(|(name, rest)| rest.strip_prefix(name));
                let default = chosen.and_then(|rest| rest.strip_prefix(" : \""));
                default.is_some_and(|default| {
                    default.len() > 1 && default.find('"') == Some(default.len() - 1)
                })
            }
        })
    }

    /// Iterates over the expressions.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expression(text) => Some(text.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Returns the value as written in a Stagefile.
    pub(super) fn written(&self) -> String {
        let mut written = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => written.push_str(&escaped(text)),
                Part::Expression(expression) => {
                    written.push_str("${{ ");
                    written.push_str(expression);
                    written.push_str(" }}");
                }
            }
        }
        written
    }

    /// Returns the value as an expression.
    pub(super) fn as_expression(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => literal(text),
            Part::Expression(expression) if is_simple(expression) => expression.clone(),
            Part::Expression(expression) => format!("({expression})"),
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() {
            literal("")
        } else {
            parts.join(" + ")
        }
    }
}

fn is_simple(expression: &str) -> bool {
    !expression.contains(['?', '+'])
}

/// Returns a string in which expressions are escaped.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${{", "$${{")
}

/// Returns a string literal of the expression language.
pub(super) fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\t' => literal.push_str("\\t"),
            '\r' => literal.push_str("\\r"),
            letter => literal.push(letter),
        }
    }
    literal + "\""
}
