//! JSON and TOML with source positions.

use std::ops::Range;

use serde_json::Value;
use toml_edit::{Document, Item};

use crate::Project;
use crate::mistake::{Kind, Mistake};

/// Parses the manifest as JSON.
pub(crate) fn json(project: &Project<'_>) -> Result<Value, Mistake> {
    let text = project.text.trim_start_matches('\u{feff}');
    let error = match serde_json::from_str::<Value>(text) {
        Ok(value) if value.is_object() => return Ok(value),
        Ok(_) => {
            return Err(Mistake::new(
                project,
                Kind::Invalid,
                "the manifest is not an object",
            ));
        }
        Err(error) => error,
    };
    let before: usize = project
        .text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let start = (before + error.column().saturating_sub(1)).min(project.text.len());
    let start = (0..=start)
        .rev()
        .find(|at| project.text.is_char_boundary(*at))
        .unwrap_or(0);
    let end = project.text[start..]
        .chars()
        .next()
        .map_or(start, |letter| start + letter.len_utf8());
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    Err(Mistake::new(
        project,
        Kind::Invalid,
        format!("the manifest is not JSON: {words}"),
    )
    .at(Some(start..end)))
}

/// Returns the position of the value at nested keys: that of the first occurrence of each key after
/// the previous one.
pub(crate) fn json_place(text: &str, keys: &[&str]) -> Option<Range<usize>> {
    let mut at = 0;
    for key in keys {
        let quoted = format!("\"{key}\"");
        let mut from = at;
        at = loop {
            let end = from + text[from..].find(&quoted)? + quoted.len();
            // A key, rather than a value with the same text.
            if text[end..].trim_start().starts_with(':') {
                break end;
            }
            from = end;
        };
    }
    let rest = &text[at..];
    let start = at + rest.find(':')? + 1;
    let start = start + (text[start..].len() - text[start..].trim_start().len());
    let value = &text[start..];
    let length = match value.strip_prefix('"') {
        Some(string) => string.find('"')? + 2,
        None => value.find([',', '}', '\n'])?,
    };
    Some(start..start + length)
}

/// Parses the manifest as TOML.
pub(crate) fn toml<'t>(project: &Project<'t>) -> Result<Document<&'t str>, Mistake> {
    Document::parse(project.text).map_err(|error| {
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        Mistake::new(
            project,
            Kind::Invalid,
            format!("the manifest is not TOML: {message}"),
        )
        .at(error.span().filter(|span| !span.is_empty()))
    })
}

/// Returns the item at nested keys.
pub(crate) fn item<'d>(document: &'d Document<&str>, keys: &[&str]) -> Option<&'d Item> {
    let mut item = document.as_item();
    for key in keys {
        item = item.get(key)?;
    }
    Some(item)
}

/// Returns the string at nested keys, with its position.
pub(crate) fn string<'d>(
    document: &'d Document<&str>,
    keys: &[&str],
) -> Option<(&'d str, Option<Range<usize>>)> {
    let item = item(document, keys)?;
    Some((item.as_str()?, item.span()))
}

/// Returns the strings of the array at nested keys.
pub(crate) fn strings(document: &Document<&str>, keys: &[&str]) -> Vec<String> {
    let array = item(document, keys).and_then(Item::as_array);
    let values = array.into_iter().flat_map(toml_edit::Array::iter);
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

/// Returns the keys of the table at nested keys.
pub(crate) fn keys(document: &Document<&str>, path: &[&str]) -> Vec<String> {
    let table = item(document, path).and_then(Item::as_table_like);
    table
        .into_iter()
        .flat_map(|table| table.iter().map(|(key, _)| key.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_json() {
        let text = r#"{"name": "engines", "engines": {"node": ">=18", "n": 1}}"#;
        assert_eq!(
            &text[json_place(text, &["engines", "node"]).unwrap()],
            "\">=18\""
        );
        assert_eq!(&text[json_place(text, &["engines", "n"]).unwrap()], "1");
        assert_eq!(json_place(text, &["scripts"]), None);
        for odd in ["", "{", "\"a\"", "{\"a\":", "{\"a\": \"b"] {
            assert_eq!(json_place(odd, &["a"]), None, "{odd}");
        }
    }
}
