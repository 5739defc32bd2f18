//! A line of a file that may not be valid YAML yet: its dashes, its key and the rest.

/// The start of a line: its dashes and its key, each with its column.
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    pub(super) items: Vec<usize>,
    pub(super) key: Option<(usize, &'a str)>,
    /// The rest of the line, and its column.
    pub(super) rest: &'a str,
    pub(super) rest_at: usize,
}

impl<'a> Line<'a> {
    /// Reads a line; `None` if there is nothing on it.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let mut line = Self::default();
        let mut at = text.len() - text.trim_start_matches(' ').len();
        if text[at..].is_empty() || text[at..].starts_with('#') {
            return None;
        }
        while text[at..] == *"-" || text[at..].starts_with("- ") {
            line.items.push(at);
            at += 1;
            at += text[at..].len() - text[at..].trim_start_matches(' ').len();
        }
        if let Some((length, after)) = key_of(&text[at..]) {
            line.key = Some((at, unquoted(&text[at..at + length])));
            at += after;
            at += text[at..].len() - text[at..].trim_start_matches(' ').len();
        }
        line.rest = &text[at..];
        line.rest_at = at;
        Some(line)
    }

    pub(super) fn column(&self) -> usize {
        let key = self.key.map_or(self.rest_at, |(at, _)| at);
        self.items.first().copied().unwrap_or(key)
    }

    pub(super) fn has_no_value(&self) -> bool {
        let rest = self.rest.trim_start();
        rest.is_empty() || rest.starts_with(['#', '&'])
    }

    pub(super) fn begins_a_text(&self) -> bool {
        self.rest.starts_with(['|', '>'])
    }
}

/// Finds a key with its colon at the start of a string: its length without and with the colon.
fn key_of(text: &str) -> Option<(usize, usize)> {
    if text.starts_with(['{', '[', '|', '>', '#']) {
        return None;
    }
    if let Some(quote) = text
        .chars()
        .next()
        .filter(|first| matches!(first, '"' | '\''))
    {
        let end = text[1..].find(quote)? + 2;
        return text[end..].starts_with(':').then_some((end, end + 1));
    }
    let mut from = 0;
    while let Some(at) = text[from..].find([':', '#']).map(|at| at + from) {
        let next = text[at + 1..].chars().next();
        if text[at..].starts_with('#') {
            if text[..at].ends_with(' ') {
                return None;
            }
        } else if next.is_none_or(|next| next == ' ') {
            return Some((text[..at].trim_end().len(), at + 1));
        }
        from = at + 1;
    }
    None
}

pub(super) fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}
