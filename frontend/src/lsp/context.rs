//! Where in the structure of a file the cursor is, by its lines alone: the file needn't be YAML while it is written.
//!
//! Keys and items further left lead to the cursor; on the way from a value in brackets, the text up to the cursor is read.

use stagefile_language::syntax::tree::MAX_DEPTH;

use super::text::Text;

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Into the value of a key, with the other keys beside it.
    Key(String, Beside),
    /// Into an item of a list.
    Item,
}

/// A mapping, by its keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// Its keys, as far as they are seen.
    pub(super) keys: Vec<String>,
    /// The value of its key `use`.
    pub(super) used: Option<String>,
}

impl Beside {
    fn add(&mut self, key: &str) {
        self.keys.push(key.to_owned());
    }

    /// Takes the value of a key.
    fn value(&mut self, key: &str, value: &str) {
        if key == "use" {
            let value = value.split(" #").next().unwrap_or_default();
            self.used = Some(unquoted(value.trim()).to_owned());
        }
    }
}

/// What is at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Context {
    /// The way from the top of the file.
    pub(super) path: Vec<Part>,
    /// Whether a key may be written here, and which there are already.
    pub(super) keys: Option<Vec<String>>,
    /// Whether a value may be.
    pub(super) is_value: bool,
    /// What is written of the word so far.
    pub(super) word: String,
    /// The first byte of the word.
    pub(super) start: usize,
    /// Whether the cursor is in a string of several lines.
    pub(super) is_text: bool,
}

impl Context {
    /// Returns the innermost key on the way.
    pub(super) fn key(&self) -> &str {
        self.path
            .iter()
            .rev()
            .find_map(|part| match part {
                Part::Key(key, _) => Some(key.as_str()),
                Part::Item => None,
            })
            .unwrap_or_default()
    }

    /// Returns what is used beside the innermost key on the way.
    pub(super) fn used_beside(&self) -> Option<&str> {
        self.path.iter().rev().find_map(|part| match part {
            Part::Key(_, beside) => Some(beside.used.as_deref()),
            Part::Item => None,
        })?
    }

    /// Lists the keys on the way.
    pub(super) fn names(&self) -> Vec<&str> {
        let keys = self.path.iter().filter_map(|part| match part {
            Part::Key(key, _) => Some(key.as_str()),
            Part::Item => None,
        });
        keys.collect()
    }
}

/// A line's beginning: its dashes and its key, each with its column.
#[derive(Debug, Default)]
struct Line<'a> {
    items: Vec<usize>,
    key: Option<(usize, &'a str)>,
    /// What follows, and its column.
    rest: &'a str,
    rest_at: usize,
}

impl<'a> Line<'a> {
    /// Reads a line; `None` if there is nothing on it.
    fn read(text: &'a str) -> Option<Self> {
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

    fn column(&self) -> usize {
        let key = self.key.map_or(self.rest_at, |(at, _)| at);
        self.items.first().copied().unwrap_or(key)
    }

    fn has_no_value(&self) -> bool {
        let rest = self.rest.trim_start();
        rest.is_empty() || rest.starts_with(['#', '&'])
    }

    fn begins_a_text(&self) -> bool {
        self.rest.starts_with(['|', '>'])
    }
}

/// Finds a key with its colon at the start of a string: how long it is, and with the colon.
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

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

/// Finds what is at a byte of a string.
pub(super) fn at(text: &Text, offset: usize) -> Context {
    let number = text.line_of(offset);
    let line = text.line(number);
    let start = text.start(number);
    let mut column = (offset - start).min(line.len());
    while !line.is_char_boundary(column) {
        column -= 1;
    }
    let before = &line[..column];
    let mut context = Context {
        path: Vec::new(),
        keys: None,
        is_value: false,
        word: String::new(),
        start: offset,
        is_text: false,
    };
    let comment = before.trim_start().starts_with('#') || before.contains(" #");
    let read = Line::read(before);
    // The innermost first; turned round at the end.
    let mut way: Vec<Part> = Vec::new();
    let mut limit = column.min(before.len());
    // The keys beside a key of this column are known when the lines around it have been looked at.
    match &read {
        None => context.keys = Some(siblings(text, number, limit).keys),
        Some(read) => {
            limit = read.column();
            if let Some((at, key)) = read.key {
                way.push(Part::Key(key.to_owned(), siblings(text, number, at)));
                context.is_value = true;
            } else {
                let at = read.rest_at;
                context.keys = Some(siblings(text, number, at).keys);
                context.is_value = !read.items.is_empty();
            }
            way.extend(read.items.iter().map(|_| Part::Item));
            word(&mut context, read.rest, start + read.rest_at);
        }
    }
    let mut inner = read.as_ref().is_some_and(|read| !read.items.is_empty());
    let mut flow: Option<(usize, usize)> = read
        .as_ref()
        .filter(|read| read.rest.starts_with(['{', '[']))
        .map(|read| (start + read.rest_at, way.len()));
    let mut above = number;
    while above > 0 && (limit > 0 || inner) {
        above -= 1;
        if way.len() > MAX_DEPTH {
            // No file is so deep.
            context.keys = None;
            context.is_value = false;
            break;
        }
        let Some(upper) = Line::read(text.line(above)) else {
            continue;
        };
        let key = upper
            .key
            .filter(|(at, _)| *at < limit || inner && *at == limit);
        if let Some((at, key)) = key {
            let is_parent = upper.has_no_value() || upper.begins_a_text();
            let opens = upper.rest.starts_with(['{', '[']);
            if upper.begins_a_text() {
                // All of it is the text.
                way.clear();
                context.keys = None;
                context.is_value = true;
                context.is_text = true;
            } else if opens {
                // Brackets over several lines: what is inside says more than columns.
                way.clear();
                context.keys = None;
                flow = Some((text.start(above) + upper.rest_at, 0));
            } else if !is_parent
                && read
                    .as_ref()
                    .is_some_and(|read| read.key.is_none() && read.items.is_empty())
            {
                // The text of a value goes on.
                way.clear();
                context.keys = None;
                context.is_value = true;
                context.is_text = true;
            }
            way.push(Part::Key(key.to_owned(), siblings(text, above, at)));
            limit = at;
            inner = false;
        }
        for item in upper.items.iter().rev() {
            if *item < limit {
                way.push(Part::Item);
                limit = *item;
                inner = true;
            }
        }
    }
    if let Some((from, depth)) = flow {
        let outer = way.split_off(depth);
        brackets(
            &mut context,
            &mut way,
            &text.as_str()[from..offset.max(from)],
            from,
        );
        way.extend(outer);
    }
    way.reverse();
    context.path = way;
    if comment {
        context.keys = None;
        context.is_value = false;
    }
    context
}

/// Takes the word before the cursor.
fn word(context: &mut Context, rest: &str, at: usize) {
    let rest_start = rest.len() - rest.trim_start_matches(['"', '\'']).len();
    rest[rest_start..].clone_into(&mut context.word);
    context.start = at + rest_start;
}

/// Collects the keys beside one of a line at a column, with the line's own.
fn siblings(text: &Text, number: usize, column: usize) -> Beside {
    let mut keys = Beside::default();
    let take = |line: usize, is_first: bool, keys: &mut Beside| -> bool {
        let Some(read) = Line::read(text.line(line)) else {
            return true;
        };
        if let Some((_, key)) = read.key.filter(|(at, _)| *at == column) {
            // Another item begins with its own dash.
            if read.items.is_empty() || is_first {
                keys.add(key);
                keys.value(key, read.rest);
            }
        }
        read.column() >= column
    };
    let own = Line::read(text.line(number));
    if let Some(own) = &own
        && let Some((_, key)) = own.key.filter(|(at, _)| *at == column)
    {
        keys.add(key);
        keys.value(key, own.rest);
    }
    if own.is_none_or(|own| own.column() >= column) {
        for line in (0..number).rev() {
            if !take(line, true, &mut keys) {
                break;
            }
        }
    }
    for line in number + 1..text.lines() {
        if !take(line, false, &mut keys) {
            break;
        }
    }
    keys
}

/// Reads brackets up to the cursor, and goes on from there. The way has the innermost part first.
fn brackets(context: &mut Context, way: &mut Vec<Part>, text: &str, at: usize) {
    enum Open {
        List,
        Mapping(Beside, Option<String>),
    }
    // Takes what stands before a comma or a bracket.
    let close = |open: Option<&mut Open>, value: &str| {
        if let Some(Open::Mapping(beside, key)) = open
            && let Some(key) = key.take()
        {
            beside.value(&key, value);
        }
    };
    let mut open: Vec<Open> = Vec::new();
    let mut word_start = 0;
    let mut quote = None;
    let mut letters = text.char_indices().peekable();
    while let Some((index, letter)) = letters.next() {
        if let Some(end) = quote {
            if letter == end {
                quote = None;
            } else if letter == '\\' && end == '"' {
                letters.next();
            }
            continue;
        }
        match letter {
            '"' | '\'' if text[word_start..index].trim().is_empty() => quote = Some(letter),
            '{' if text[index..].starts_with("{{") && text[..index].ends_with('$') => {
                let end = text[index..]
                    .find("}}")
                    .map_or(text.len(), |end| index + end + 2);
                while letters.next_if(|(next, _)| *next < end).is_some() {}
            }
            '{' => {
                open.push(Open::Mapping(Beside::default(), None));
                word_start = index + 1;
            }
            '[' => {
                open.push(Open::List);
                word_start = index + 1;
            }
            '}' | ']' => {
                open.pop();
                word_start = index + 1;
            }
            ',' => {
                close(open.last_mut(), &text[word_start..index]);
                word_start = index + 1;
            }
            ':' if letters.peek().is_none_or(|(_, next)| next.is_whitespace()) => {
                if let Some(Open::Mapping(beside, key @ None)) = open.last_mut() {
                    let name = unquoted(text[word_start..index].trim());
                    beside.add(name);
                    *key = Some(name.to_owned());
                    word_start = index + 1;
                }
            }
            _ => {}
        }
    }
    if open.is_empty() {
        context.keys = None;
        context.is_value = false;
        return;
    }
    let mut inner = Vec::new();
    for one in &open {
        match one {
            Open::List => inner.push(Part::Item),
            Open::Mapping(beside, Some(key)) => inner.push(Part::Key(key.clone(), beside.clone())),
            Open::Mapping(..) => {}
        }
    }
    inner.reverse();
    way.splice(0..0, inner);
    context.keys = match open.last() {
        Some(Open::Mapping(beside, None)) => Some(beside.keys.clone()),
        _ => None,
    };
    context.is_value = context.keys.is_none();
    context.is_text = false;
    let rest = &text[word_start..];
    let blank = rest.len() - rest.trim_start().len();
    word(context, &rest[blank..], at + word_start + blank);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the way to the first `^`, and what is there.
    fn shown(text: &str) -> String {
        let offset = text.find('^').unwrap_or_default();
        let context = at(&Text::new(text.replacen('^', "", 1)), offset);
        let path: Vec<&str> = context
            .path
            .iter()
            .map(|part| match part {
                Part::Key(key, _) => key.as_str(),
                Part::Item => "-",
            })
            .collect();
        let keys = context.keys.map(|keys| keys.join(","));
        let keys = keys.map_or(String::new(), |keys| format!(" keys({keys})"));
        let value = if context.is_value { " value" } else { "" };
        let text = if context.is_text { " text" } else { "" };
        format!("{}{keys}{value}{text} `{}`", path.join("/"), context.word)
    }

    #[test]
    fn the_way_to_the_cursor() {
        for (text, expected) in [
            ("^", " keys() ``"),
            ("args: {}\nst^", " keys(args) `st`"),
            ("stages:\n  app:\n    fr^", "stages/app keys() `fr`"),
            (
                "stages:\n  app:\n    from: al^",
                "stages/app/from value `al`",
            ),
            (
                "stages:\n  app:\n    from: x\n    ^\n    steps:\n",
                "stages/app keys(from,steps) ``",
            ),
            (
                "stages:\n  app:\n    steps:\n      - run: x\n        ca^",
                "stages/app/steps/- keys(run) `ca`",
            ),
            (
                "stages:\n  app:\n    steps:\n    - run: x\n    - co^",
                "stages/app/steps/- keys() value `co`",
            ),
            (
                "stages:\n  app:\n    requires:\n      - te^",
                "stages/app/requires/- keys() value `te`",
            ),
            (
                "stages:\n  app:\n    requires: [a, b^",
                "stages/app/requires/- value `b`",
            ),
            (
                "stages:\n  app: { from: x, st^",
                "stages/app keys(from) `st`",
            ),
            ("stages:\n  app: { from: ^ }", "stages/app/from value ``"),
            (
                "stages:\n  app:\n    steps:\n      - { copy: x, from: b^",
                "stages/app/steps/-/from value `b`",
            ),
            (
                "stages:\n  app:\n    steps: [{ use: std.apt, with: { pa^",
                "stages/app/steps/-/with keys() `pa`",
            ),
            (
                "stages:\n  app:\n    caches: [\n      go,\n      n^",
                "stages/app/caches/- value `n`",
            ),
            (
                "stages:\n  app:\n    steps:\n      - run: |\n          cd x\n          ma^",
                "stages/app/steps/-/run value text `ma`",
            ),
            (
                "stages:\n  app:\n    from: \"al^",
                "stages/app/from value `al`",
            ),
            (
                "stages:\n  app: [broken\n  other:\n    from: al^",
                "stages/other/from value `al`",
            ),
            ("a: 1 # st^", "a `1 # st`"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
