//! `invalid-yaml`: the text is not YAML.

use std::ops::Range;

use super::unquoted_expression::{expression_with_colon, unquoted_expression};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Source;
use crate::syntax::indentation;
use granit_parser::ErrorKind;

/// The code and its page.
pub(super) static CODE: Code = Code {
    name: "invalid-yaml",
    page: r"
The file can't be read as YAML, so nothing else in it was checked.

```yaml
stages:
	app:            # a tab
    from: alpine
```

Instead, indent with spaces, close every quote and bracket, and put a space after `:` and `-`:

```yaml
stages:
  app:
    from: alpine
```
",
};

/// Reports where the YAML parser couldn't continue.
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
    let error = |span| Diagnostic::error(&CODE, span, format!("this is not YAML: {message}"));
    let opened = |opening: Option<usize>, what: &str| match opening {
        Some(at) => error(span).secondary(source.span(at, at + 1), what),
        None => error(span),
    };
    let is_indented = |at: usize| {
        let before = &text[line_start..at];
        before.chars().all(|letter| matches!(letter, ' ' | '-'))
    };
    let may_be_misplaced = match kind {
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
            is_indented(offset)
        }
        ErrorKind::MappingValueNotAllowed => {
            misplaced_colon(text, line_start, offset) == INDENTED_FURTHER
        }
        _ => false,
    };
    // A dash without a space is a different mistake.
    let stuck = line.trim_start().starts_with('-') && !line.trim_start().starts_with("- ");
    if may_be_misplaced
        && !stuck
        && let Some(misplaced) = indentation::misplaced(text, offset)
    {
        let word = source.span(misplaced.word.start, misplaced.word.end);
        let error = Diagnostic::error(
            &CODE,
            word,
            "this line is indented by the wrong number of spaces",
        );
        let error = match misplaced.above {
            Some((above, what)) => error.secondary(source.span(above.start, above.end), what),
            None => error,
        };
        return error.help(misplaced.help);
    }
    match kind {
        ErrorKind::TabInIndentation
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabNotAllowed
        | ErrorKind::TabInPlainScalar => {
            let tab = tab_near(text, offset).map(|at| source.span(at, at + 1));
            error(tab.unwrap_or(span)).help("indent with spaces; YAML doesn't allow tabs")
        }
        ErrorKind::UnexpectedCharacter {
            character: '@' | '`' | '%',
        } => error(span).help("a value that begins with this character has to be quoted"),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            opened(unclosed_quote(text, offset), "this quote isn't closed in its line")
                .help("close the quote, or indent the lines that continue the value")
        }
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::ExpectedFlowMappingSeparator
        | ErrorKind::ExpectedFlowSequenceSeparator
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            opened(unclosed_bracket(text, offset), "this isn't closed in its line")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => error(span).help(QUOTE_ALL),
        ErrorKind::ExpectedBlockMappingKey if !text[line_start..offset].trim().is_empty() => {
            error(span).help(QUOTE_ALL)
        }
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
            let error = error(span)
                .help("all keys of a mapping, and all items of a list, begin in the same column");
            if stuck {
                error.help("put a space after `-`")
            } else {
                error
            }
        }
        ErrorKind::SimpleKeyExpected => error(span).help(
            "a line here is `key: value`; the lines of a block, `|` or `>`, are indented further than its key",
        ),
        ErrorKind::MappingValueNotAllowed => {
            error(span).help(misplaced_colon(text, line_start, offset))
        }
        _ => error(span),
    }
}

/// Finds the tab that an error is about: at the offset, right before it, or at the end of the value that begins there.
fn tab_near(text: &str, offset: usize) -> Option<usize> {
    let (before, after) = text.split_at(offset);
    if after.starts_with('\t') {
        return Some(offset);
    }
    if before.ends_with('\t') {
        return Some(offset - 1);
    }
    let end = offset + after.find('\n')? + 1;
    let ahead = text[end..].find(|next: char| !matches!(next, ' ' | '\r' | '\n'))?;
    text[end + ahead..].starts_with('\t').then_some(end + ahead)
}

/// The help if a value continues after its end.
const QUOTE_ALL: &str = "a value that begins with a quote, `[` or `{` ends where that closes; quote all of it, or write it as a block, `|`";

/// The message for a key below the value of another one.
const INDENTED_FURTHER: &str = "a key can't be indented further than those beside it";

/// Explains what may be wrong with a colon that doesn't end a key, or with the text before it.
fn misplaced_colon(text: &str, line_start: usize, offset: usize) -> &'static str {
    if text[line_start..offset].contains(": ") {
        return "a value with `: ` in it has to be quoted, or written as a block, `|`";
    }
    let above = text[..line_start].trim_end();
    let above = above[above.rfind('\n').map_or(0, |at| at + 1)..].trim();
    if above.ends_with(':') || above.contains(": ") || above.starts_with(['-', '#']) {
        INDENTED_FURTHER
    } else if above.contains(':') {
        "put a space after the `:` in the line above"
    } else {
        "the line above has no `:` at its end"
    }
}

/// The maximum number of lines before an error that are searched for its cause.
const LINES: usize = 100;

/// Lists the lines before a byte, the nearest first: where each begins, and its text up to the byte.
fn lines_before(text: &str, offset: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut end = Some(offset);
    let lines = std::iter::from_fn(move || {
        let before = &text[..end?];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        end = start.checked_sub(1);
        Some((start, &before[start..]))
    });
    lines.take(LINES)
}

/// Finds the last quote before a byte that begins a value and isn't closed on its line.
fn unclosed_quote(text: &str, offset: usize) -> Option<usize> {
    lines_before(text, offset).find_map(|(start, line)| Some(start + open_in(line).0?))
}

/// Finds the last bracket or brace before a byte that isn't closed on its line.
fn unclosed_bracket(text: &str, offset: usize) -> Option<usize> {
    lines_before(text, offset).find_map(|(start, line)| Some(start + open_in(line).1?))
}

/// Finds what a line opens and doesn't close: a quote, and the innermost bracket.
fn open_in(line: &str) -> (Option<usize>, Option<usize>) {
    let (mut quote, mut brackets) = (None, Vec::new());
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        if let Some((_, end)) = quote {
            if letter == end {
                quote = None;
            }
            before = letter;
            continue;
        }
        match letter {
            '"' | '\'' if " [{,".contains(before) => quote = Some((at, letter)),
            '#' if before == ' ' => break,
            '[' | '{' => brackets.push(at),
            ']' | '}' => _ = brackets.pop(),
            _ => {}
        }
        before = letter;
    }
    (quote.map(|(at, _)| at), brackets.pop())
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
