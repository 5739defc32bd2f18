//! Questions about Dockerfiles, answered as Docker's frontend answers them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use buildkit_dockerfile::{Finding, Lines};
use buildkit_gateway::{BuildResult, Failure};
use buildkit_llb::{Definition, Range};
use serde_json::{Map, Value, json};

use super::build::Session;
use super::failure;

/// The version of all answers.
const VERSION: &str = "1.0.0";

const OUTLINE: &str = "frontend.outline";
const TARGETS: &str = "frontend.targets";
const LINT: &str = "frontend.lint";
const DESCRIBE: &str = "frontend.subrequests.describe";

pub(super) async fn answer(name: &str, session: &Session<'_>) -> Result<BuildResult, Failure> {
    match name {
        OUTLINE => outline(session).await,
        TARGETS => targets(session),
        LINT => Ok(lint(session).await),
        DESCRIBE => Ok(describe()),
        other => Err(Failure::unsupported_subrequest(other)),
    }
}

/// Writes JSON as `json.MarshalIndent` does.
fn pretty(value: &Value) -> String {
    // A value is always JSON.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Lays rows out as `text/tabwriter` does: each cell but the last is as wide as the widest of its column.
fn columns(rows: &[Vec<String>], padding: usize) -> String {
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

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

/// Writes a place as the JSON of BuildKit's messages: what is 0 is left out.
fn location(lines: Option<Lines>) -> Value {
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

fn sources(session: &Session<'_>) -> Value {
    json!([STANDARD.encode(session.file.text())])
}

/// Adds entries that have something to say.
fn with_texts(mut value: Value, texts: &[(&str, &str)]) -> Value {
    for (key, text) in texts {
        if !text.is_empty() {
            value[*key] = json!(text);
        }
    }
    value
}

async fn outline(session: &Session<'_>) -> Result<BuildResult, Failure> {
    let platform = session.options.platforms.first();
    let evaluated = session.evaluate(platform, false).await;
    if let Some(problem) = evaluated.problem {
        return Err(problem);
    }
    let outline = evaluated.conversion.map(|conversion| conversion.outline());
    let outline = outline.unwrap_or_default();
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
    json["sources"] = sources(session);

    let mut text = String::new();
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
        text += &columns(&rows, 1);
        text.push('\n');
    }
    if !outline.args.is_empty() {
        let mut rows = vec![row(&["BUILD ARG", "VALUE", "DESCRIPTION"])];
        let args = outline.args.iter();
        rows.extend(args.map(|it| row(&[&it.name, &it.value, &it.description])));
        text += &columns(&rows, 3);
        text.push('\n');
    }
    for (title, list) in [("SECRET", &outline.secrets), ("SSH", &outline.ssh)] {
        if !list.is_empty() {
            let mut rows = vec![row(&[title, "REQUIRED"])];
            let list = list.iter();
            rows.extend(list.map(|it| row(&[&it.name, if it.required { "true" } else { "" }])));
            text += &columns(&rows, 3);
            text.push('\n');
        }
    }
    Ok(BuildResult::answer(pretty(&json), text, VERSION))
}

fn targets(session: &Session<'_>) -> Result<BuildResult, Failure> {
    if let Some(mistake) = session.dockerfile.mistakes().first() {
        return Err(failure(session.file, mistake));
    }
    let stages = session.dockerfile.stages();
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
    let json = json!({ "targets": targets, "sources": sources(session) });
    Ok(BuildResult::answer(
        pretty(&json),
        columns(&rows, 1),
        VERSION,
    ))
}

async fn lint(session: &Session<'_>) -> BuildResult {
    let all_stages = session.options.target.is_none();
    let platform = session.options.platforms.first();
    let evaluated = session.evaluate(platform, all_stages).await;
    let warnings = evaluated.findings.iter().map(|finding| {
        with_texts(
            json!({ "ruleName": finding.rule.name, "location": location(finding.lines) }),
            &[
                ("description", finding.rule.description),
                ("url", &finding.rule.url()),
                ("detail", &finding.message),
            ],
        )
    });
    let warnings: Vec<Value> = warnings.collect();
    let status = !warnings.is_empty() || evaluated.problem.is_some();
    let mut json = json!({
        "warnings": if warnings.is_empty() { Value::Null } else { Value::Array(warnings) },
        "sources": [source_info(session)],
    });
    if let Some(problem) = &evaluated.problem {
        let mut ranges: Vec<Range> = problem
            .positions()
            .flat_map(|position| position.ranges)
            .collect();
        ranges.sort_by_key(|range| range.start.line);
        json["buildError"] = json!({ "message": problem.message(), "location": merged(&ranges) });
    }
    let text = print(session, &evaluated.findings);
    BuildResult::answer(pretty(&json), text, VERSION).status_code(u8::from(status))
}

/// Takes ranges together that begin where another ends or before, as Docker's frontend does.
fn merged(ranges: &[Range]) -> Value {
    let mut lines: Vec<(i32, i32)> = Vec::new();
    for range in ranges {
        match lines.last_mut() {
            Some((_, end)) if range.start.line <= *end => *end = (*end).max(range.end.line),
            _ => lines.push((range.start.line, range.end.line)),
        }
    }
    if lines.is_empty() {
        return json!({});
    }
    let ranges = lines
        .iter()
        .map(|(start, end)| json!({ "start": { "line": start }, "end": { "line": end } }));
    json!({ "ranges": ranges.collect::<Vec<_>>() })
}

/// Describes the file as BuildKit's messages do.
fn source_info(session: &Session<'_>) -> Value {
    let map = session.file.source_map();
    let mut info = json!({
        "filename": session.file.filename(),
        "data": STANDARD.encode(session.file.text()),
        "language": super::LANGUAGE,
    });
    if let Some(definition) = &map.file().definition {
        info["definition"] = definition_json(definition);
    }
    info
}

fn definition_json(definition: &Definition) -> Value {
    let operations = definition.operations();
    let metadata = definition.metadata().iter().map(|(digest, metadata)| {
        let mut json = Map::new();
        let description: Map<String, Value> = metadata
            .description()
            .map(|(key, value)| (key.to_owned(), json!(value)))
            .collect();
        if !description.is_empty() {
            json.insert("description".to_owned(), Value::Object(description));
        }
        let known = metadata.capabilities();
        let known = known.iter().map(|capability| capability.id().to_owned());
        let all = known.chain(metadata.unknown_capabilities().map(str::to_owned));
        let capabilities: Map<String, Value> = all.map(|id| (id, json!(true))).collect();
        if !capabilities.is_empty() {
            json.insert("caps".to_owned(), Value::Object(capabilities));
        }
        (digest.to_string(), Value::Object(json))
    });
    let metadata: Map<String, Value> = metadata.collect();
    // Go lists every operation but the last, also those without a place.
    let placed = operations.len().saturating_sub(1);
    let locations = operations[..placed]
        .iter()
        .map(|operation| (buildkit_llb::Digest::of(operation).to_string(), json!({})));
    let locations: Map<String, Value> = locations.collect();
    let operations = operations
        .iter()
        .map(|operation| STANDARD.encode(operation));
    json!({
        "def": operations.collect::<Vec<_>>(),
        "metadata": metadata,
        "Source": { "locations": locations },
    })
}

/// Writes findings for people, each with an excerpt.
fn print(session: &Session<'_>, findings: &[Finding]) -> String {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.lines.map(|lines| lines.first));
    let text = String::from_utf8_lossy(session.file.text());
    let lines: Vec<&str> = text.split('\n').collect();
    let mut printed = String::new();
    for finding in sorted {
        let url = finding.rule.url();
        let url = if url.is_empty() {
            url
        } else {
            format!(" - {url}")
        };
        // Writing to a string can't fail.
        _ = writeln!(
            printed,
            "\nWARNING: {}{url}\n{}",
            finding.rule.name, finding.message
        );
        if let Some(marked) = finding.lines {
            excerpt(session.file.filename(), &lines, marked, &mut printed);
        }
    }
    printed
}

/// The line before and after an excerpt.
const RULE: &str = "--------------------";

/// Prints lines with some before and after, as clients do.
fn excerpt(filename: &str, lines: &[&str], marked: Lines, printed: &mut String) {
    let (first, last) = (marked.first as usize, marked.last as usize);
    if first == 0 || first > lines.len() {
        return;
    }
    let last = last.min(lines.len());
    let (mut start, mut end) = (first, last);
    let wanted = if first == last { 4 } else { 2 };
    let mut added = 0;
    while added < wanted {
        if start > 1 {
            start -= 1;
            added += 1;
        }
        if end != lines.len() {
            end += 1;
            added += 1;
        }
        added += 1;
    }
    _ = writeln!(printed, "{filename}:{first}\n{RULE}");
    for number in start..=end {
        let mark = if (first..=last).contains(&number) {
            ">>>"
        } else {
            "   "
        };
        _ = writeln!(printed, " {number:3} | {mark} {}", lines[number - 1]);
    }
    _ = writeln!(printed, "{RULE}");
}

fn describe() -> BuildResult {
    let metadata =
        || ["result.json", "result.txt"].map(|name| json!({ "name": name, "description": "" }));
    let target = json!([{ "name": "target", "description": "Target build stage" }]);
    let questions = [
        (
            OUTLINE,
            "List all parameters current build target supports",
            target,
        ),
        (
            TARGETS,
            "List all targets current build supports",
            json!([]),
        ),
        (DESCRIBE, "List available subrequest types", Value::Null),
    ];
    let mut rows = vec![row(&["NAME", "VERSION", "DESCRIPTION"])];
    let mut list = Vec::new();
    for (name, description, opts) in questions {
        rows.push(row(&[
            name.trim_start_matches("frontend."),
            VERSION,
            description,
        ]));
        list.push(json!({
            "name": name,
            "version": VERSION,
            "type": "rpc",
            "description": description,
            "opts": opts,
            "inputs": null,
            "metadata": metadata(),
            "refs": null,
        }));
    }
    BuildResult::answer(pretty(&Value::Array(list)), columns(&rows, 1), VERSION)
}
