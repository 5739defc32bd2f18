//! Answers to questions about Dockerfiles, in the form of Docker's frontend: JSON for programs, and a text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use buildkit_dockerfile::{Dockerfile, Lines, Outline};
use serde_json::{Value, json};

/// Writes JSON as `json.MarshalIndent` does.
pub fn pretty(value: &Value) -> String {
    // A value is always JSON.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Lays rows out as `text/tabwriter` does: each cell but the last is as wide as the widest of its column.
pub fn columns(rows: &[Vec<String>], padding: usize) -> String {
    let mut text = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if column + 1 < row.len() {
                let widths = rows.iter().filter(|other| column + 1 < other.len());
                let widths = widths.map(|other| other[column].chars().count());
                let width = widths.max().unwrap_or_default() + padding;
                let blanks = width - cell.chars().count();
                text.extend(std::iter::repeat_n(' ', blanks));
            }
        }
        text.push('\n');
    }
    text
}

/// Makes a row of a table.
pub fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

/// Writes a place as the JSON of BuildKit's messages: what is 0 is left out.
pub fn location(lines: Option<Lines>) -> Value {
    let ranges = lines.into_iter().flat_map(Lines::ranges).map(|range| {
        let position = |line: i32| json!({ "line": line });
        json!({ "start": position(range.start.line), "end": position(range.end.line) })
    });
    let ranges: Vec<Value> = ranges.collect();
    if ranges.is_empty() {
        return json!({});
    }
    json!({ "ranges": ranges })
}

fn sources(text: &[u8]) -> Value {
    json!([STANDARD.encode(text)])
}

/// Adds entries that have something to say.
pub fn with_texts(mut value: Value, texts: &[(&str, &str)]) -> Value {
    for (key, text) in texts {
        if !text.is_empty() {
            value[*key] = json!(text);
        }
    }
    value
}

/// Says what a target takes.
pub fn outline(outline: &Outline, text: &[u8]) -> (Value, String) {
    let mut json = with_texts(
        json!({}),
        &[
            ("name", &outline.name),
            ("description", &outline.description),
        ],
    );
    let args = outline.args.iter().map(|argument| {
        let named = json!({ "name": argument.name, "location": location(Some(argument.lines)) });
        with_texts(
            named,
            &[
                ("description", &argument.description),
                ("value", &argument.value),
            ],
        )
    });
    let secret = |secret: &buildkit_dockerfile::OutlineSecret| {
        let mut json = json!({ "name": secret.name, "location": location(Some(secret.lines)) });
        if secret.required {
            json["required"] = json!(true);
        }
        json
    };
    for (key, list) in [
        ("args", args.collect::<Vec<_>>()),
        ("secrets", outline.secrets.iter().map(secret).collect()),
        ("ssh", outline.ssh.iter().map(secret).collect()),
    ] {
        if !list.is_empty() {
            json[key] = Value::Array(list);
        }
    }
    json["sources"] = sources(text);

    let mut printed = String::new();
    if !outline.name.is_empty() || !outline.description.is_empty() {
        let name = if outline.name.is_empty() {
            "(default)"
        } else {
            &outline.name
        };
        let mut rows = vec![row(&["TARGET:", name])];
        if !outline.description.is_empty() {
            rows.push(row(&["DESCRIPTION:", &outline.description]));
        }
        printed += &columns(&rows, 1);
        printed.push('\n');
    }
    if !outline.args.is_empty() {
        let mut rows = vec![row(&["BUILD ARG", "VALUE", "DESCRIPTION"])];
        let args = outline.args.iter();
        rows.extend(args.map(|it| row(&[&it.name, &it.value, &it.description])));
        printed += &columns(&rows, 3);
        printed.push('\n');
    }
    for (title, list) in [("SECRET", &outline.secrets), ("SSH", &outline.ssh)] {
        if !list.is_empty() {
            let mut rows = vec![row(&[title, "REQUIRED"])];
            let list = list.iter();
            rows.extend(list.map(|it| row(&[&it.name, if it.required { "true" } else { "" }])));
            printed += &columns(&rows, 3);
            printed.push('\n');
        }
    }
    (json, printed)
}

/// Lists the stages of a file.
pub fn targets(file: &Dockerfile, text: &[u8]) -> (Value, String) {
    let stages = file.stages();
    let mut targets = Vec::with_capacity(stages.len());
    let mut rows = vec![row(&["TARGET", "DESCRIPTION"])];
    for (index, stage) in stages.iter().enumerate() {
        let is_default = index + 1 == stages.len();
        let mut json = with_texts(
            json!({ "location": location(Some(stage.lines)) }),
            &[
                ("name", &stage.name),
                ("description", &stage.description),
                ("base", &stage.base),
                ("platform", &stage.platform),
            ],
        );
        if is_default {
            json["default"] = json!(true);
        }
        targets.push(json);
        let name = match (stage.name.as_str(), is_default) {
            ("", true) => "(default)".to_owned(),
            (name, true) => format!("{name} (default)"),
            (name, false) => name.to_owned(),
        };
        rows.push(row(&[&name, &stage.description]));
    }
    let json = json!({ "targets": targets, "sources": sources(text) });
    (json, columns(&rows, 1))
}
