//! Questions about a file, which clients ask instead of a build: `docker buildx build --call NAME`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use buildkit_gateway::{BuildResult, Failure};
use serde_json::{Value, json};

use super::{Build, LANGUAGE, mistakes};
use crate::plan::Plan;
use crate::tools::{lint, outline, targets};

/// The version of the answers, which is that of the Dockerfile frontend's.
const VERSION: &str = "1.0.0";
/// The questions, with what they are for.
const QUESTIONS: [(&str, &str); 4] = [
    ("frontend.lint", "List what is wrong with the file"),
    (
        "frontend.outline",
        "List what the target takes from the client",
    ),
    ("frontend.targets", "List the targets of the file"),
    (
        "frontend.subrequests.describe",
        "List the questions that can be asked",
    ),
];

/// Answers a question.
pub(super) fn answer(name: &str, build: &Build<'_>) -> Result<BuildResult, Failure> {
    match name {
        "frontend.lint" => Ok(lint_answer(build)),
        "frontend.outline" => {
            let plan = plan(build)?;
            Ok(result(
                &with_source(outline::json(&plan, build.source), build),
                outline::text(&plan),
            ))
        }
        "frontend.targets" => {
            let plan = plan(build)?;
            Ok(result(
                &with_source(targets::json(&plan, build.source), build),
                targets::text(&plan),
            ))
        }
        "frontend.subrequests.describe" => Ok(describe()),
        _ => Err(Failure::unsupported_subrequest(name)),
    }
}

fn result(json: &Value, text: String) -> BuildResult {
    BuildResult::answer(json.to_string(), text, VERSION)
}

/// Makes the plan for the first platform, which is the one that clients look at.
fn plan(build: &Build<'_>) -> Result<Plan, Failure> {
    let mut checked = build.check(build.options.platforms.first().unwrap_or(&build.native));
    let plan = checked.plan.take().filter(|_| !checked.found.has_errors());
    plan.ok_or_else(|| mistakes::failure(&checked, build.source))
}

fn lint_answer(build: &Build<'_>) -> BuildResult {
    let checked = build.check(build.options.platforms.first().unwrap_or(&build.native));
    let info = json!({
        "filename": build.source.name(),
        "data": STANDARD.encode(build.source.text()),
        "language": LANGUAGE,
    });
    let json = lint::lint(&checked, build.source, &info);
    let report = checked.report(build.source);
    let clean = report.is_empty();
    let text = if clean {
        "no problems\n".to_owned()
    } else {
        report + "\n"
    };
    result(&json, text).status_code(u8::from(!clean))
}

/// Adds the file itself, which places in the answer refer to.
fn with_source(mut answer: Value, build: &Build<'_>) -> Value {
    answer["sources"] = json!([STANDARD.encode(build.source.text())]);
    answer
}

fn describe() -> BuildResult {
    let questions = QUESTIONS.iter().map(|(name, description)| {
        let metadata = ["result.json", "result.txt"].map(|name| json!({ "name": name }));
        json!({ "name": name, "version": VERSION, "type": "rpc", "description": description, "metadata": metadata })
    });
    let text = QUESTIONS.iter().map(|(name, description)| {
        format!("{:24}{description}\n", name.trim_start_matches("frontend."))
    });
    let json = Value::Array(questions.collect());
    result(&json, text.collect())
}
