//! Flow collections on one line: `{ key: value, other: [1, 2] }`.

/// Formats a collection. `None` if it contains anything that is left unchanged: anchors, tags and keys
/// marked by `?`.
pub(super) fn formatted(text: &str) -> Option<String> {
    let mut reader = Reader { text, at: 0 };
    let formatted = reader.collection()?;
    (reader.at == text.len()).then_some(formatted)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(' ').len();
    }

    fn take(&mut self, letter: char) -> bool {
        let is_next = self.rest().starts_with(letter);
        if is_next {
            self.at += letter.len_utf8();
        }
        is_next
    }

    fn collection(&mut self) -> Option<String> {
        let (open, close, blank) = match self.rest().chars().next()? {
            '{' => ("{", '}', " "),
            '[' => ("[", ']', ""),
            _ => return None,
        };
        self.at += open.len();
        let mut items: Vec<String> = Vec::new();
        loop {
            self.skip_blanks();
            if self.take(close) {
                break;
            }
            items.push(self.item()?);
            self.skip_blanks();
            if !self.take(',') && !self.rest().starts_with(close) {
                return None;
            }
        }
        if items.is_empty() {
            return Some(format!("{open}{close}"));
        }
        Some(format!("{open}{blank}{}{blank}{close}", items.join(", ")))
    }

    /// Reads a value, or a key with its value.
    fn item(&mut self) -> Option<String> {
        let is_quoted = self.rest().starts_with(['"', '\'']);
        let item = self.value()?;
        let end = self.at;
        self.skip_blanks();
        let after = self.rest().strip_prefix(':');
        let is_key = after.is_some_and(|after| {
            is_quoted || after.is_empty() || after.starts_with([' ', ',', ']', '}', '[', '{'])
        });
        if !is_key {
            self.at = end;
            return Some(item);
        }
        self.at += 1;
        self.skip_blanks();
        if self.rest().starts_with([',', ']', '}']) {
            return Some(format!("{item}:"));
        }
        Some(format!("{item}: {}", self.value()?))
    }

    fn value(&mut self) -> Option<String> {
        let rest = self.rest();
        match rest.chars().next()? {
            '{' | '[' => self.collection(),
            quote @ ('"' | '\'') => {
                let end = quoted(rest, quote)?;
                self.at += end;
                Some(rest[..end].to_owned())
            }
            '&' | '!' | '#' | '|' | '>' => None,
            '?' if rest[1..].starts_with(' ') => None,
            _ => {
                let end = plain(rest);
                let word = rest[..end].trim_end();
                self.at += word.len();
                (!word.is_empty()).then(|| word.to_owned())
            }
        }
    }
}

/// Returns the length of a quoted string.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && quote == '"' {
            letters.next();
        } else if letter == quote {
            if quote == '\'' && letters.peek().is_some_and(|(_, next)| *next == quote) {
                letters.next();
            } else {
                return Some(at + 1);
            }
        }
    }
    None
}

/// Returns the length of an unquoted string.
fn plain(text: &str) -> usize {
    let bytes = text.as_bytes();
    let ends = |at: usize| match bytes[at] {
        b',' | b'[' | b']' | b'{' | b'}' => true,
        b':' => bytes
            .get(at + 1)
            .is_none_or(|next| matches!(next, b' ' | b',' | b'[' | b']' | b'{' | b'}')),
        b'#' => at > 0 && bytes[at - 1] == b' ',
        _ => false,
    };
    (0..bytes.len()).find(|at| ends(*at)).unwrap_or(bytes.len())
}
