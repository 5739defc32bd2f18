//! Data as YAML 1.2 in block style, indented by two spaces, with keys in the order of the file.
//!
//! A string is quoted if any parser, including those of YAML 1.1, could read it as something else.

use std::fmt::Write as _;

use stagefile_text::yaml::{escaped, fits_block, is_plain};

use super::Evaluated;

/// The maximum length of a key that is on one line with its colon.
const MAX_KEY_LENGTH: usize = 1000;
/// Writes data as YAML.
pub(in crate::planner) fn yaml(data: &Evaluated) -> String {
    let mut yaml = String::new();
    match data {
        Evaluated::List(items) if !items.is_empty() => write_items(items, 0, &mut yaml),
        Evaluated::Mapping(entries) if !entries.is_empty() => write_entries(entries, 0, &mut yaml),
        scalar => {
            write_value(scalar, 0, &mut yaml);
            // The space that separates a value from its key.
            yaml.remove(0);
        }
    }
    yaml
}

/// Writes a list whose first item continues the current line.
fn write_items(items: &[Evaluated], indent: usize, yaml: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            write_indent(indent, yaml);
        }
        yaml.push('-');
        match item {
            Evaluated::List(items) if !items.is_empty() => {
                yaml.push(' ');
                write_items(items, indent + 2, yaml);
            }
            Evaluated::Mapping(entries) if !entries.is_empty() => {
                yaml.push(' ');
                write_entries(entries, indent + 2, yaml);
            }
            item => write_value(item, indent, yaml),
        }
    }
}

/// Writes a mapping whose first key continues the current line.
fn write_entries(entries: &[(String, Evaluated)], indent: usize, yaml: &mut String) {
    for (index, (name, value)) in entries.iter().enumerate() {
        if index > 0 {
            write_indent(indent, yaml);
        }
        let name = if is_plain(name) {
            name.clone()
        } else {
            escaped(name)
        };
        if name.chars().count() > MAX_KEY_LENGTH {
            yaml.push_str("? ");
            yaml.push_str(&name);
            yaml.push('\n');
            write_indent(indent, yaml);
        } else {
            yaml.push_str(&name);
        }
        yaml.push(':');
        write_value(value, indent, yaml);
    }
}

/// Writes what follows a colon or a dash, including its separator.
fn write_value(value: &Evaluated, indent: usize, yaml: &mut String) {
    match value {
        Evaluated::Literal(literal) => _ = writeln!(yaml, " {literal}"),
        Evaluated::Text(text) if is_plain(text) => _ = writeln!(yaml, " {text}"),
        Evaluated::Text(text) if fits_block(text) => write_block(text, indent + 2, yaml),
        Evaluated::Text(text) => _ = writeln!(yaml, " {}", escaped(text)),
        Evaluated::List(items) if items.is_empty() => yaml.push_str(" []\n"),
        Evaluated::Mapping(entries) if entries.is_empty() => yaml.push_str(" {}\n"),
        Evaluated::List(items) => {
            yaml.push('\n');
            write_indent(indent + 2, yaml);
            write_items(items, indent + 2, yaml);
        }
        Evaluated::Mapping(entries) => {
            yaml.push('\n');
            write_indent(indent + 2, yaml);
            write_entries(entries, indent + 2, yaml);
        }
    }
}

/// Writes lines unchanged.
fn write_block(text: &str, indent: usize, yaml: &mut String) {
    let content = text.trim_end_matches('\n');
    let ends = text.len() - content.len();
    yaml.push_str(match ends {
        0 => " |-\n",
        1 => " |\n",
        _ => " |+\n",
    });
    for line in content.split('\n') {
        if !line.is_empty() {
            write_indent(indent, yaml);
            yaml.push_str(line);
        }
        yaml.push('\n');
    }
    yaml.extend(std::iter::repeat_n('\n', ends.saturating_sub(1)));
}

fn write_indent(indent: usize, yaml: &mut String) {
    yaml.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::source::Source;
    use crate::syntax::Style;
    use crate::syntax::tree::{self, Node, Value};

    fn text(text: &str) -> Evaluated {
        Evaluated::Text(text.to_owned())
    }

    /// Compares parsed YAML with the data: strings that are read as another type are literals.
    fn same(node: &Node, data: &Evaluated) -> bool {
        match (&node.value, data) {
            (Value::Scalar(scalar), Evaluated::Text(text)) => {
                scalar.text == *text && (scalar.style != Style::Plain || is_plain(text))
            }
            (Value::Scalar(scalar), Evaluated::Literal(literal)) => {
                scalar.text == *literal && scalar.style == Style::Plain
            }
            (Value::Sequence(nodes), Evaluated::List(items)) => {
                nodes.len() == items.len()
                    && nodes.iter().zip(items).all(|(node, item)| same(node, item))
            }
            (Value::Mapping(nodes), Evaluated::Mapping(entries)) => {
                nodes.len() == entries.len()
                    && nodes.iter().zip(entries).all(|(node, (name, value))| {
                        node.key.text == *name && same(&node.value, value)
                    })
            }
            _ => false,
        }
    }

    fn assert_read_back(data: &Evaluated) {
        let written = yaml(data);
        let mut found = Diagnostics::default();
        let source = Source::new("written", written.clone());
        let tree = tree::read(&source, &mut found);
        let messages: Vec<_> = found
            .errors()
            .iter()
            .map(|one| one.message.clone())
            .collect();
        let tree = tree.unwrap_or_else(|| panic!("{written}\n{messages:?}"));
        assert!(messages.is_empty(), "{written}\n{messages:?}");
        assert!(same(&tree, data), "{written}\n{data:?}");
    }

    #[test]
    fn texts_are_read_back_wherever_they_stand() {
        let long = "k".repeat(2000);
        for one in [
            "",
            "a",
            "no",
            "No",
            "1.10",
            "0644",
            "0x1f",
            "1_000",
            "12:30:45",
            "2026-11-21",
            ".5",
            ".inf",
            "-.INF",
            "-",
            "--",
            "---",
            "- a",
            "? a",
            ": a",
            "a: b",
            "a:b",
            "a:",
            "a #b",
            "a#b",
            "#a",
            " a",
            "a ",
            "~",
            "null",
            "=",
            "<<",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "'a'",
            "\"a\"",
            "%a",
            "@a",
            "`a`",
            "[a",
            "{a",
            "a, b",
            "a]",
            "\\",
            "a\tb",
            "\t",
            "\n",
            "a\n",
            "a\nb",
            "a\n\n",
            "a\n\nb\n",
            "\na",
            " a\nb",
            "a\n b\n",
            "a\r\nb",
            "a\u{0}b",
            "a\u{7f}b",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{feff}a",
            "ä €\u{1f600}",
            "1.22-alpine",
            "10.0.0.5",
            "+1",
            "1e3",
            "on",
            "...",
            "... a",
            "$${{ a }}",
            "a\n---\nb\n",
            "a\n  \nb",
            "a  \nb\n",
            long.as_str(),
        ] {
            assert_read_back(&text(one));
            assert_read_back(&Evaluated::List(vec![text(one), text("next")]));
            assert_read_back(&Evaluated::Mapping(vec![
                (one.to_owned(), text(one)),
                ("next".to_owned(), Evaluated::List(vec![text(one)])),
            ]));
        }
    }

    #[test]
    fn shapes_are_read_back() {
        let list = |items| Evaluated::List(items);
        let map = |name: &str, value| Evaluated::Mapping(vec![(name.to_owned(), value)]);
        let literal = |text: &str| Evaluated::Literal(text.to_owned());
        for data in [
            list(vec![]),
            map("a", list(vec![])),
            map("a", Evaluated::Mapping(vec![])),
            list(vec![
                list(vec![list(vec![text("a")]), text("b")]),
                map("c", list(vec![text("d")])),
            ]),
            map("a", map("b", map("c", literal("1.10")))),
            list(vec![
                map("a", text("x\ny\n")),
                map("b", map("c", text("z\n"))),
            ]),
            list(vec![Evaluated::Mapping(vec![
                ("a".to_owned(), literal("null")),
                ("b".to_owned(), list(vec![literal("true"), text("true")])),
            ])]),
        ] {
            assert_read_back(&data);
        }
    }
}
