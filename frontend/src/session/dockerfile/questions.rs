//! Questions about Dockerfiles, answered as Docker's frontend answers them.

use std::fmt::Write as _;

use buildkit_dockerfile::{Finding, Lines};
use buildkit_gateway::{BuildResult, Failure, SourcePosition};
use buildkit_llb::Range;
use serde_json::{Value, json};

use super::build::Session;
use super::{convert, failure};
use crate::dockerfile::answers::{self, columns, location, pretty, row, with_texts};
use crate::session::request::fixed;
use crate::tools::fix::Fixing;

/// The version of all answers.
const VERSION: &str = "1.0.0";

const OUTLINE: &str = "frontend.outline";
const TARGETS: &str = "frontend.targets";
const LINT: &str = "frontend.lint";
/// Not listed: the list is Docker's.
const FIX: &str = "frontend.fix";
const DESCRIBE: &str = "frontend.subrequests.describe";

pub(super) async fn answer(name: &str, session: &Session<'_>) -> Result<BuildResult, Failure> {
    match name {
        OUTLINE => outline(session).await,
        TARGETS => targets(session),
        LINT => Ok(lint(session).await),
        DESCRIBE => Ok(describe()),
        FIX => fix(session).await,
        name if convert::QUESTIONS.contains(&name) => convert::answer(name, session).await,
        other => Err(Failure::unsupported_subrequest(other)),
    }
}

async fn outline(session: &Session<'_>) -> Result<BuildResult, Failure> {
    let platform = session.options.platforms.first();
    let evaluated = session.evaluate(platform, false).await;
    if let Some(problem) = evaluated.problem {
        return Err(problem);
    }
    let outline = evaluated.conversion.map(|conversion| conversion.outline());
    let outline = outline.unwrap_or_default();
    let (json, text) = answers::outline(&outline, session.file.text());
    Ok(BuildResult::answer(pretty(&json), text, VERSION))
}

fn targets(session: &Session<'_>) -> Result<BuildResult, Failure> {
    if let Some(mistake) = session.dockerfile.mistakes().first() {
        return Err(failure(session.file, mistake));
    }
    let (json, text) = answers::targets(session.dockerfile, session.file.text());
    Ok(BuildResult::answer(pretty(&json), text, VERSION))
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

/// Corrects what can be corrected. Images are looked up first: some corrections are certain only for those that are known.
async fn fix(session: &Session<'_>) -> Result<BuildResult, Failure> {
    if str::from_utf8(session.file.text()).is_err() {
        let name = session.file.filename();
        return Err(Failure::new(format!(
            "{name} is not UTF-8, and can't be corrected"
        )));
    }
    let platform = session.options.platforms.first();
    _ = session.evaluate(platform, true).await;
    let mut fixing = Fixing::new(&session.source());
    loop {
        let checked = session.check(fixing.source(), platform);
        if !fixing.learn(&checked.sources, &checked.found) {
            return Ok(fixed(&fixing, session.file.text()));
        }
    }
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
    let file = SourcePosition::of(session.file.source_map().file().clone());
    // A position is always JSON.
    let mut position = serde_json::to_value(file).unwrap_or_default();
    position["info"].take()
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
