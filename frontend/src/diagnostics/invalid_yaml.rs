//! `invalid-yaml`: the text is not YAML.

use std::ops::Range;

use super::unquoted_expression::{expression_with_colon, unquoted_expression};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Source;
use granit_parser::ErrorKind;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-yaml",
    page: r"
The file can't be read as YAML, so nothing else in it was looked at.

```yaml
stages:
	app:            # a tab
    from: alpine
```

Instead, indent with spaces, close every quote and bracket, and put a space behind `:` and `-`:

```yaml
stages:
  app:
    from: alpine
```
",
};

/// Reports what the YAML parser couldn't go on with.
pub fn invalid_yaml(source: &Source, offset: usize, kind: &ErrorKind, message: &str) -> Diagnostic {
    let text = source.text();
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let length = text[offset..]
        .chars()
        .next()
        .filter(|next| *next != '\n')
        .map_or(0, char::len_utf8);
    let span = source.span(offset, offset + length);
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    if let Some((expression, inside)) = unquoted(line, offset - line_start) {
        let span = source.span(line_start + expression.start, line_start + expression.end);
        if inside {
            return unquoted_expression(span);
        }
        if line[expression].contains(": ") {
            return expression_with_colon(span);
        }
    }
    let error = Diagnostic::error(&CODE, span, format!("this is not YAML: {message}"));
    match kind {
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed => error.help("indent with spaces; YAML doesn't allow tabs"),
        ErrorKind::UnexpectedCharacter { .. } if line.trim_start().starts_with(['@', '`', '%']) => {
            error.help("a value that begins with this character has to be quoted")
        }
        _ => error,
    }
}

/// Finds the expression that an error at this byte of a line is about, and tells whether it is inside braces or brackets.
fn unquoted(line: &str, at: usize) -> Option<(Range<usize>, bool)> {
    let before = line.get(..line.len().min(at + "{{".len()))?;
    let start = before.rfind("${{")?;
    let inside = line[..start].contains(['{', '[']);
    let end = line[start..]
        .find("}}")
        .map_or(line.len(), |length| start + length + "}}".len());
    Some((start..end, inside))
}
