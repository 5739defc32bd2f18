//! Where the cursor is in the structure of a file. This looks at lines only, since a file that is being written may not
//! be valid YAML.
//!
//! Keys and items with less indentation lead to the cursor. Inside a value in brackets, the text up to the cursor is
//! read.

mod brackets;
mod line;

use stagefile_language::syntax::tree::MAX_DEPTH;

use super::text::Text;
use brackets::brackets;
use line::{Line, unquoted};

/// A part of the path to a value.
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
    /// The keys found so far.
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
    /// The path from the top of the file.
    pub(super) path: Vec<Part>,
    /// The keys that the mapping already has, if a key may be written here.
    pub(super) keys: Option<Vec<String>>,
    /// Whether a value may be written here.
    pub(super) is_value: bool,
    /// The part of the word before the cursor.
    pub(super) word: String,
    /// The first byte of the word.
    pub(super) start: usize,
    /// Whether the cursor is in a string of several lines.
    pub(super) is_text: bool,
}

impl Context {
    /// Returns the innermost key of the path.
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

    /// Returns the value of `use` beside the innermost key of the path.
    pub(super) fn used_beside(&self) -> Option<&str> {
        self.path.iter().rev().find_map(|part| match part {
            Part::Key(_, beside) => Some(beside.used.as_deref()),
            Part::Item => None,
        })?
    }

    /// Lists the keys of the path.
    pub(super) fn names(&self) -> Vec<&str> {
        let keys = self.path.iter().filter_map(|part| match part {
            Part::Key(key, _) => Some(key.as_str()),
            Part::Item => None,
        });
        keys.collect()
    }
}

/// Finds the context at a byte of a text.
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
    // Innermost first; reversed at the end.
    let mut way: Vec<Part> = Vec::new();
    let mut limit = column.min(before.len());
    // The keys beside a key in this column are collected from the lines around it.
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
            // No file is nested that deeply.
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
                // The whole line is part of the string.
                way.clear();
                context.keys = None;
                context.is_value = true;
                context.is_text = true;
            } else if opens {
                // Brackets over several lines: inside them, columns mean little.
                way.clear();
                context.keys = None;
                flow = Some((text.start(above) + upper.rest_at, 0));
            } else if !is_parent
                && read
                    .as_ref()
                    .is_some_and(|read| read.key.is_none() && read.items.is_empty())
            {
                // The text of a value continues.
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

/// Collects the keys of the mapping that a line's key at a column belongs to, including that key.
fn siblings(text: &Text, number: usize, column: usize) -> Beside {
    let mut keys = Beside::default();
    let take = |line: usize, is_first: bool, keys: &mut Beside| -> bool {
        let Some(read) = Line::read(text.line(line)) else {
            return true;
        };
        if let Some((_, key)) = read.key.filter(|(at, _)| *at == column) {
            // A dash begins another item.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows the path to the first `^`, and the context there.
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
