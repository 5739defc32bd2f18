//! Places in a file, as clients read them in the answers to questions.

use serde_json::{Value, json};
use stagefile_language::source::{Sources, Span};
use stagefile_lower::range;

/// Writes a place as BuildKit's `Location`; what is zero is left out.
pub(super) fn location(sources: &Sources, span: Span) -> Value {
    let range = range(sources, span);
    let position = |line: i32, character: i32| match character {
        0 => json!({ "line": line }),
        _ => json!({ "line": line, "character": character }),
    };
    let mut location = json!({ "ranges": [{
        "start": position(range.start.line, range.start.character),
        "end": position(range.end.line, range.end.character),
    }] });
    match sources.index(span) {
        0 => {}
        index => location["sourceIndex"] = json!(index),
    }
    location
}
