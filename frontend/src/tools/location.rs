//! Locations in a file, in the format of answers to subrequests.

use serde_json::{Value, json};
use stagefile_language::source::{Sources, Span};
use stagefile_lower::range;

/// Converts a location to BuildKit's `Location`; zero values are left out.
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
