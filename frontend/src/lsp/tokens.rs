//! Semantic tokens that color `${{ }}`, which is plain text in YAML.

use lsp_types::{
    SemanticToken, SemanticTokenType, SemanticTokens, SemanticTokensLegend, SemanticTokensParams,
};
use stagefile_language::expression::places;

use super::workspace::Workspace;

/// The maximum number of semantic tokens in a file.
const MAX_TOKENS: usize = 50_000;

/// Lists the kinds of tokens, in the order of their numbers.
pub(super) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend {
        token_types: vec![
            SemanticTokenType::MACRO,
            SemanticTokenType::VARIABLE,
            SemanticTokenType::PROPERTY,
            SemanticTokenType::FUNCTION,
            SemanticTokenType::STRING,
            SemanticTokenType::NUMBER,
        ],
        token_modifiers: Vec::new(),
    }
}

/// Lists the words of all expressions.
pub(super) fn tokens(
    workspace: &Workspace,
    given: &SemanticTokensParams,
) -> Option<SemanticTokens> {
    let document = workspace.get(&given.text_document.uri)?;
    let mut data = Vec::new();
    let (mut last_line, mut last_start) = (0, 0);
    for number in 0..document.text.lines() {
        let line = document.text.line(number);
        if document.is_dockerfile || data.len() > MAX_TOKENS || line.trim_start().starts_with('#') {
            continue;
        }
        let mut seen = (0, 0);
        for (start, end, kind) in words(line) {
            // Counting continues from the last word, since a line may be as long as the file.
            seen = (seen.0 + units(&line[seen.1..start]), start);
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let delta_line = number - last_line;
            let delta_start = if delta_line == 0 {
                seen.0 - last_start
            } else {
                seen.0
            };
            (last_line, last_start) = (number, seen.0);
            data.push(SemanticToken {
                delta_line,
                delta_start,
                length: units(&line[start..end]),
                token_type: kind,
                token_modifiers_bitset: 0,
            });
        }
    }
    Some(SemanticTokens {
        result_id: None,
        data,
    })
}

fn units(text: &str) -> u32 {
    let units = text.chars().map(char::len_utf16).sum::<usize>();
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// Finds the words of a line's expressions, each with its kind.
fn words(line: &str) -> Vec<(usize, usize, u32)> {
    // In a quoted string, the quotes of expressions have backslashes.
    let unescaped = line.replace("\\\"", " \"");
    let line = if !is_closed(line) && is_closed(&unescaped) {
        &unescaped
    } else {
        line
    };
    let mut found = Vec::new();
    for range in places(line) {
        found.push((range.start - 3, range.start, 0));
        let text = &line[range.clone()];
        let mut at = 0;
        while let Some(letter) = text[at..].chars().next() {
            let rest = &text[at..];
            let length = if matches!(letter, '"' | '\'') {
                let length = string(rest);
                found.push((range.start + at, range.start + at + length, 4));
                length
            } else if letter.is_ascii_alphanumeric() || letter == '_' {
                let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
                let kind = if letter.is_ascii_digit() {
                    5
                } else if rest[length..].starts_with('(') {
                    3
                } else if text[..at].ends_with('.') {
                    2
                } else {
                    1
                };
                found.push((range.start + at, range.start + at + length, kind));
                length
            } else {
                letter.len_utf8()
            };
            at += length;
        }
        if range.end < line.len() {
            found.push((range.end, range.end + 2, 0));
        }
    }
    found
}

/// Tells whether all expressions of a line end there.
fn is_closed(line: &str) -> bool {
    places(line).all(|range| range.end < line.len())
}

/// Returns the length of the literal that a string begins with.
fn string(text: &str) -> usize {
    let mut letters = text.char_indices();
    let quote = letters.next().map(|(_, quote)| quote);
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if Some(letter) == quote {
            return at + letter.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::words;

    fn shown(line: &str) -> Vec<(&str, u32)> {
        let words = words(line).into_iter();
        words
            .map(|(start, end, kind)| (&line[start..end], kind))
            .collect()
    }

    #[test]
    fn words_of_expressions() {
        let found = shown("- run: echo é ${{ args.A.size() + \"x\" }} $${{ no }} ${{ 1");
        let expected = [
            ("${{", 0),
            ("args", 1),
            ("A", 2),
            ("size", 3),
            ("\"x\"", 4),
            ("}}", 0),
            ("${{", 0),
            ("1", 5),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn strings_hold_braces_and_quotes() {
        let string = r#""\"}}""#;
        let line = format!("- run: ${{{{ {string} }}}} x");
        assert_eq!(shown(&line), [("${{", 0), (string, 4), ("}}", 0)]);
        let line = r#"- run: "${{ a == \"b\" }} ${{ c }}""#;
        let expected = [
            ("${{", 0),
            ("a", 1),
            (r#""b\""#, 4),
            ("}}", 0),
            ("${{", 0),
            ("c", 1),
            ("}}", 0),
        ];
        assert_eq!(shown(line), expected);
    }
}
