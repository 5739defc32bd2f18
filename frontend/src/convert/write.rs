//! Writing of a Stagefile in the format of the examples: flow style if a value fits on its line, else block style.

use stagefile_text::yaml::{escaped, fits_block, is_plain};

use super::node::{Entry, Item, Node};

/// The maximum length of a line in flow style.
const WIDTH: usize = 110;

/// The maximum length of a step or a list of steps on one line: longer ones are easier to read key by key.
const STEP_WIDTH: usize = 90;

/// The maximum number of steps on one line.
const STEPS_OF_A_LINE: usize = 2;

/// Returns the text of a file, given its top-level entries.
pub(crate) fn write(entries: &[Entry]) -> String {
    let mut text = String::new();
    block(entries, 0, false, &mut text);
    text
}

/// Writes the entries of a mapping, on one or more lines each; the first one at the end of the text if `begun`.
fn block(entries: &[Entry], indent: usize, begun: bool, text: &mut String) {
    for (index, entry) in entries.iter().enumerate() {
        if entry.spaced && index > 0 {
            text.push('\n');
        }
        // The comments of the first entry have been written already.
        if !(begun && index == 0) {
            comments(&entry.comments, indent, text);
            blanks(indent, text);
        }
        text.push_str(&key(&entry.key));
        text.push(':');
        value(&entry.value, indent, text);
    }
}

/// Writes comments, one per line.
fn comments(lines: &[String], indent: usize, text: &mut String) {
    for line in lines {
        blanks(indent, text);
        text.push('#');
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// Writes what follows a colon or a dash, including the space before it and the line end.
fn value(node: &Node, indent: usize, text: &mut String) {
    if let Some(short) = flow(node) {
        let begun = text.len() - text.rfind('\n').map_or(0, |at| at + 1);
        let is_scalar = matches!(node, Node::Text(_) | Node::Bare(_) | Node::Script(_));
        let most = if matches!(node, Node::Items(_)) {
            STEP_WIDTH
        } else {
            WIDTH
        };
        if is_scalar || begun + width(&short) < most {
            text.push(' ');
            text.push_str(&short);
            text.push('\n');
            return;
        }
    }
    match node {
        Node::Text(lines) | Node::Script(lines) => lines_of(lines, indent + 2, text),
        Node::Bare(_) => {}
        Node::List(items) => {
            text.push('\n');
            for item in items {
                blanks(indent + 2, text);
                text.push('-');
                value(item, indent + 2, text);
            }
        }
        Node::Map(entries) | Node::Block(entries) => {
            text.push('\n');
            block(entries, indent + 2, false, text);
        }
        Node::Items(items) => {
            text.push('\n');
            for Item {
                comments: above,
                entries,
            } in items
            {
                comments(above, indent + 2, text);
                blanks(indent + 2, text);
                text.push_str("- ");
                match short_step(entries) {
                    Some(short)
                        if entries.len() > 1 && indent + 4 + width(&short) <= STEP_WIDTH =>
                    {
                        text.push_str(&short);
                        text.push('\n');
                    }
                    _ => block(entries, indent + 4, true, text),
                }
            }
        }
    }
}

/// Writes lines unchanged, or with quotes on one line if they can't be written unchanged.
fn lines_of(lines: &str, indent: usize, text: &mut String) {
    let content = lines.trim_end_matches('\n');
    let ends = lines.len() - content.len();
    text.push_str(match ends {
        0 => " |-\n",
        1 => " |\n",
        _ => " |+\n",
    });
    for line in content.split('\n') {
        if !line.is_empty() {
            blanks(indent, text);
            text.push_str(line);
        }
        text.push('\n');
    }
    text.extend(std::iter::repeat_n('\n', ends.saturating_sub(1)));
}

/// Returns a value on one line; `None` if it needs or requests several.
fn flow(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) if fits_block(text) => None,
        // A script that needs quotes is easier to read in a block.
        Node::Script(text) if !text.contains('\n') && is_plain(text) => Some(text.clone()),
        Node::Script(text) if fits_block(text) => None,
        Node::Text(text) | Node::Script(text) if is_plain(text) => Some(text.clone()),
        _ => inside(node),
    }
}

/// Returns a value for use inside brackets.
fn inside(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) | Node::Script(text) => Some(scalar(text)),
        Node::Bare(text) => Some(text.clone()),
        Node::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(inside).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Node::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
        Node::Map(entries) => {
            let entries = entries.iter().map(|entry| {
                if !entry.comments.is_empty() {
                    return None;
                }
                Some(match &entry.value {
                    // A key without a value.
                    Node::Bare(value) if value.is_empty() => format!("{}:", key(&entry.key)),
                    value => format!("{}: {}", key(&entry.key), inside(value)?),
                })
            });
            let entries: Option<Vec<String>> = entries.collect();
            Some(format!("{{ {} }}", entries?.join(", ")))
        }
        Node::Items(items) if items.len() <= STEPS_OF_A_LINE => {
            let items = items.iter().map(|item| {
                let is_bare = item.comments.is_empty();
                short_step(&item.entries).filter(|_| is_bare)
            });
            let items: Option<Vec<String>> = items.collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Node::Block(_) | Node::Items(_) => None,
    }
}

/// Returns a step on one line; `None` if it has comments, or a script that would need quotes.
fn short_step(entries: &[Entry]) -> Option<String> {
    let needs_quotes = |entry: &Entry| match &entry.value {
        Node::Script(script) => scalar(script) != *script,
        _ => false,
    };
    if entries.iter().any(needs_quotes) {
        return None;
    }
    inside(&Node::Map(entries.to_vec()))
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Writes a string on one line that has the same meaning inside and outside of brackets.
fn scalar(text: &str) -> String {
    let is_option = text.strip_prefix('-').is_some_and(|rest| {
        let rest = rest.trim_start_matches('-');
        text == "--"
            || rest.starts_with(|letter: char| letter.is_ascii_alphabetic()) && is_plain(rest)
    });
    if (is_plain(text) || is_option) && !text.contains([',', '[', ']', '{', '}', '"', '\'', '`']) {
        return text.to_owned();
    }
    let double = escaped(text);
    // Nothing had to be escaped.
    if double.len() == text.len() + 2 || text.contains('\'') || double.contains("\\u") {
        return double;
    }
    if text.contains(['\n', '\t', '\r', '\u{8}', '\u{c}']) {
        return double;
    }
    format!("'{text}'")
}

fn key(name: &str) -> String {
    if is_plain(name) && !name.contains([',', '[', ']', '{', '}', '"', '\'', ':', '#']) {
        name.to_owned()
    } else {
        scalar_key(name)
    }
}

fn scalar_key(name: &str) -> String {
    escaped(name)
}

fn blanks(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}
