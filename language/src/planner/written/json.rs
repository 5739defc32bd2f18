//! Data as JSON, indented by two spaces, with keys in the order of the file.

use super::Evaluated;

/// Writes data as JSON.
pub(in crate::planner) fn json(data: &Evaluated) -> String {
    let mut json = String::new();
    write(data, 0, &mut json);
    json + "\n"
}

fn write(data: &Evaluated, level: usize, json: &mut String) {
    let indent = |json: &mut String, level| json.extend(std::iter::repeat_n("  ", level));
    match data {
        Evaluated::Literal(literal) => json.push_str(literal),
        Evaluated::Text(text) => json.push_str(&quoted(text)),
        Evaluated::List(items) if items.is_empty() => json.push_str("[]"),
        Evaluated::Mapping(entries) if entries.is_empty() => json.push_str("{}"),
        Evaluated::List(items) => {
            for (index, item) in items.iter().enumerate() {
                json.push_str(if index == 0 { "[\n" } else { ",\n" });
                indent(json, level + 1);
                write(item, level + 1, json);
            }
            json.push('\n');
            indent(json, level);
            json.push(']');
        }
        Evaluated::Mapping(entries) => {
            for (index, (name, value)) in entries.iter().enumerate() {
                json.push_str(if index == 0 { "{\n" } else { ",\n" });
                indent(json, level + 1);
                json.push_str(&quoted(name));
                json.push_str(": ");
                write(value, level + 1, json);
            }
            json.push('\n');
            indent(json, level);
            json.push('}');
        }
    }
}

/// Returns a string in quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
