//! Places in a file, as clients read them in the answers to questions.

use serde_json::{Value, json};

use crate::lower::range;
use crate::source::{Source, Span};

/// Writes a place as BuildKit's `Location`; what is zero is left out.
pub(super) fn location(source: &Source, span: Span) -> Value {
    let range = range(source, span);
    let position = |line: i32, character: i32| match character {
        0 => json!({ "line": line }),
        _ => json!({ "line": line, "character": character }),
    };
    json!({ "ranges": [{
        "start": position(range.start.line, range.start.character),
        "end": position(range.end.line, range.end.character),
    }] })
}
