//! `--call check`: the mistakes of a file, in the format that clients print.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use stagefile_language::diagnostic::Diagnostic;
use stagefile_language::driver::Checked;
use stagefile_language::source::{self, Sources};

use super::location::location;
use crate::dockerfile::{LANGUAGE, is_dockerfile};

/// Creates the answer to `frontend.lint`.
pub fn lint(checked: &Checked) -> Value {
    let sources = &checked.sources;
    let files = sources.files().iter().map(|file| {
        let language = if is_dockerfile(file.name(), file.text().as_bytes()) {
            LANGUAGE
        } else {
            source::LANGUAGE
        };
        json!({
            "filename": file.name(),
            "data": STANDARD.encode(file.text()),
            "language": language,
        })
    });
    let files: Vec<Value> = files.collect();
    let warnings: Vec<Value> = checked
        .found
        .warnings()
        .into_iter()
        .map(|warning| warning_of(warning, sources))
        .collect();
    let mut answer = json!({ "warnings": warnings, "sources": files });
    if let Some(first) = checked.found.errors().first() {
        answer["buildError"] = json!({
            "message": checked.failure().trim_end(),
            "location": location(sources, first.primary.span),
        });
    }
    answer
}

fn warning_of(warning: &Diagnostic, sources: &Sources) -> Value {
    let detail: Vec<&str> = std::iter::once(&warning.message)
        .chain(&warning.help)
        .map(String::as_str)
        .collect();
    json!({
        "ruleName": warning.code.name,
        "description": warning.message,
        "detail": detail.join("; "),
        "location": location(sources, warning.primary.span),
    })
}
