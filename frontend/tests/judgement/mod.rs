//! What the program and the JSON Schema report about a file.

use std::collections::BTreeSet;

use buildkit_llb::Platform;
use jsonschema::Validator;
use serde_json::{Value as Json, json};
use stagefile::tools::check::lowered;
use stagefile::tools::schema;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::driver::check_reading;
use stagefile_language::plan::Request;
use stagefile_language::source::Source;
use stagefile_language::syntax::tree::{self, Node, Value};
use stagefile_language::syntax::{Scalar, Style};

/// The file that every import of an example stands for.
const IMPORTED: &str = "
args: { GO_VERSION: '', TEST: '' }
caches: { objects: { target: /objects } }
secrets: { token: {} }
templates: { certificates: { steps: [ { run: update-ca-certificates } ] } }
stages: { base: {} }
";

/// Makes a validator for the schema.
pub(crate) fn validator() -> Validator {
    jsonschema::draft202012::new(&schema::schema()).expect("the schema is one")
}

/// Returns the schema's errors for a file.
pub(crate) fn complaints(validator: &Validator, json: &Json) -> String {
    let all = validator
        .iter_errors(json)
        .map(|error| format!("{}: {error}", error.instance_path()));
    all.collect::<Vec<_>>().join("; ")
}

/// What the program reports about a file.
pub(crate) struct Judgement {
    /// The codes of its errors.
    pub(crate) errors: BTreeSet<&'static str>,
    /// The errors and warnings, as text.
    pub(crate) report: String,
    /// The file as JSON, if it is YAML.
    pub(crate) json: Option<Json>,
}

/// The build arguments that the client sets, for files that declare them.
const GIVEN: [(&str, &str); 4] = [
    ("COMMIT", "8f2c1d4"),
    ("example", "stable"),
    ("GOVERSION", "1.23"),
    ("TOOL_VERSION", "1.2"),
];

/// Reads and plans a file, for a client with the contexts `assets` and `base`, and some arguments.
pub(crate) fn judge(text: &str) -> Judgement {
    let source = Source::new("Stagefile", text);
    let platform = Platform::new("linux", "amd64");
    let request = Request {
        args: GIVEN
            .into_iter()
            .filter(|(name, _)| text.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        contexts: Some(["assets", "base"].map(str::to_owned).into()),
        ..Request::new(platform)
    };
    let checked = lowered(check_reading(
        &source,
        &request,
        |_| Ok(IMPORTED.to_owned()),
    ));
    let errors = checked.found.errors();
    let mut found = Diagnostics::default();
    let tree = tree::read(&source, &mut found).filter(|_| !found.has_errors());
    Judgement {
        errors: errors
            .iter()
            .map(|error| error.code.name)
            // The content of an image isn't the example's mistake.
            .filter(|code| *code != "assert-failed")
            .collect(),
        report: checked.report(),
        json: tree.map(|tree| to_json(&tree)),
    }
}

/// Converts a tree to JSON as editors do, by YAML's core schema.
fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Scalar(scalar) => scalar_to_json(scalar),
        Value::Sequence(items) => items.iter().map(to_json).collect(),
        Value::Mapping(entries) => entries
            .iter()
            .map(|entry| (entry.key.text.clone(), to_json(&entry.value)))
            .collect(),
    }
}

fn scalar_to_json(scalar: &Scalar) -> Json {
    let text = scalar.text.as_str();
    if scalar.style != Style::Plain {
        return json!(text);
    }
    let based = |prefix, base| {
        text.strip_prefix(prefix)
            .and_then(|digits| u64::from_str_radix(digits, base).ok())
    };
    match text {
        _ if scalar.is_null() => Json::Null,
        "true" | "True" | "TRUE" => json!(true),
        "false" | "False" | "FALSE" => json!(false),
        _ if text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) => {
            if let Some(number) = based("0o", 8).or_else(|| based("0x", 16)) {
                return json!(number);
            }
            text.parse::<i64>()
                .map(|number| json!(number))
                .or_else(|_| text.parse::<f64>().map(|number| json!(number)))
                .unwrap_or(json!(text))
        }
        _ => json!(text),
    }
}
