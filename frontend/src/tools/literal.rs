//! Conversion of values in the table of keys from YAML to JSON.

use serde_json::{Number, Value as Json};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::Source;
use stagefile_language::syntax::tree::{self, Node, Value};
use stagefile_language::syntax::{Scalar, Style};

/// Parses a value; `None` if it isn't YAML.
pub(super) fn literal(text: &str) -> Option<Json> {
    let source = Source::new("", text);
    let mut found = Diagnostics::default();
    let tree = tree::read(&source, &mut found)?;
    (!found.has_errors()).then(|| json(&tree))
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Scalar(scalar) => self::scalar(scalar),
        Value::Sequence(items) => items.iter().map(json).collect(),
        Value::Mapping(entries) => entries
            .iter()
            .map(|entry| (entry.key.text.clone(), json(&entry.value)))
            .collect(),
    }
}

/// Converts a scalar so that editors write it unchanged: `0644` is a string, since a number would lose its
/// zero.
fn scalar(scalar: &Scalar) -> Json {
    let text = scalar.text.as_str();
    match (scalar.style, text) {
        (Style::Plain, "true") => Json::Bool(true),
        (Style::Plain, "false") => Json::Bool(false),
        (Style::Plain, _) => text
            .parse::<Number>()
            .map_or_else(|_| Json::from(text), Json::Number),
        _ => Json::from(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::literal;

    #[test]
    fn scalars_are_what_they_look_like() {
        for (text, value) in [
            ("5", json!(5)),
            ("0644", json!("0644")),
            ("true", json!(true)),
            ("\"22\"", json!("22")),
            ("1.4.0", json!("1.4.0")),
            ("{ a: [b, 1] }", json!({ "a": ["b", 1] })),
        ] {
            assert_eq!(literal(text), Some(value), "{text}");
        }
        assert_eq!(literal("[a"), None);
    }
}
