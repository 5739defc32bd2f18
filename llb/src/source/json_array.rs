//! Lists as attribute values.

use std::fmt::Write as _;

/// Returns a JSON array of strings as written by Go's `encoding/json`, which escapes more than JSON
/// requires: what could end an HTML script, and JavaScript's line separators.
pub(super) fn json_array(values: &[String]) -> String {
    let mut json = String::from("[");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        json.push('"');
        for character in value.chars() {
            escape(character, &mut json);
        }
        json.push('"');
    }
    json.push(']');
    json
}

fn escape(character: char, json: &mut String) {
    match character {
        '"' => json.push_str("\\\""),
        '\\' => json.push_str("\\\\"),
        '\n' => json.push_str("\\n"),
        '\r' => json.push_str("\\r"),
        '\t' => json.push_str("\\t"),
        '\u{8}' => json.push_str("\\b"),
        '\u{c}' => json.push_str("\\f"),
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
            // Writing to a string can't fail.
            let _ = write!(json, "\\u{:04x}", u32::from(character));
        }
        other => json.push(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_go() {
        let values = ["a", "<b>&c", "é\u{2028}\u{7f}", "\"\\\n\u{1}\u{8}\u{c}"].map(str::to_owned);
        assert_eq!(
            json_array(&values),
            "[\"a\",\"\\u003cb\\u003e\\u0026c\",\"é\\u2028\u{7f}\",\"\\\"\\\\\\n\\u0001\\b\\f\"]"
        );
        assert_eq!(json_array(&[]), "[]");
    }
}
