//! A scalar in the file that may contain expressions.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use cel::parser::Expression;

use super::Language;
use crate::diagnostic::{Diagnostic, Diagnostics, SHOWN};
use crate::diagnostics;
use crate::source::{Source, Span};
use crate::syntax::{Scalar, Style};

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// A scalar, split into literal text and expressions.
#[derive(Clone, Debug)]
pub struct Text {
    pub(super) scalar: Arc<Scalar>,
    /// `None` if the scalar has no expression, which is the usual case.
    pub(super) pieces: Option<Rc<Vec<Piece>>>,
}

/// A part of a [`Text`].
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Literal text.
    Literal(String),
    /// An expression.
    Expression {
        program: Rc<Expression>,
        /// The expression without its braces, and its byte offset in the scalar's text.
        written: String,
        offset: usize,
    },
}

impl Text {
    /// Reads a scalar. Expressions that can't be compiled are reported and left out.
    pub fn read(
        scalar: &Arc<Scalar>,
        source: &Source,
        language: &Language,
        found: &mut Diagnostics,
    ) -> Self {
        let scalar = Arc::clone(scalar);
        if !scalar.text.contains(OPEN) {
            return Self {
                scalar,
                pieces: None,
            };
        }
        let pieces = Some(pieces(&scalar, source, language, found).into());
        Self { scalar, pieces }
    }

    /// Reads a scalar that is an expression, with or without its braces.
    pub fn read_condition(
        scalar: &Arc<Scalar>,
        source: &Source,
        language: &Language,
        found: &mut Diagnostics,
    ) -> Self {
        if scalar.text.contains(OPEN) {
            return Self::read(scalar, source, language, found);
        }
        let piece = expression(scalar, 0, scalar.text.len(), source, language, found);
        Self {
            scalar: Arc::clone(scalar),
            pieces: Some(Rc::new(piece.into_iter().collect())),
        }
    }

    /// Creates a literal text, with the location of another one.
    pub fn of_value(value: String, place: &Self) -> Self {
        let scalar = Scalar {
            text: value,
            span: place.scalar.span,
            style: place.scalar.style,
        };
        Self {
            scalar: Arc::new(scalar),
            pieces: None,
        }
    }

    /// Returns the location in the file.
    pub fn span(&self) -> Span {
        self.scalar.span
    }

    /// Returns the original scalar.
    pub fn scalar(&self) -> &Scalar {
        &self.scalar
    }

    /// Returns the expression, if the text consists of a single one.
    pub fn single_expression(&self) -> Option<&str> {
        match self.pieces.as_deref().map(Vec::as_slice) {
            Some([Piece::Expression { written, .. }]) => Some(written),
            _ => None,
        }
    }

    /// Iterates over the literal parts.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        let pieces = self.pieces.as_deref().into_iter().flatten();
        let literals = pieces.filter_map(|piece| match piece {
            Piece::Literal(literal) => Some(literal.as_str()),
            Piece::Expression { .. } => None,
        });
        self.constant().into_iter().chain(literals)
    }

    /// Iterates over the parts in order: literal text, and expressions with their byte offset in the scalar's text.
    pub fn parts(&self) -> impl Iterator<Item = Result<&str, (&str, usize)>> {
        let pieces = self.pieces.as_deref().into_iter().flatten();
        let parts = pieces.map(|piece| match piece {
            Piece::Literal(literal) => Ok(literal.as_str()),
            Piece::Expression {
                written, offset, ..
            } => Err((written.as_str(), *offset)),
        });
        self.constant().into_iter().map(Ok).chain(parts)
    }

    /// Returns the text, if it has no expressions.
    pub fn constant(&self) -> Option<&str> {
        self.pieces.is_none().then_some(&self.scalar.text)
    }
}

fn pieces(
    scalar: &Scalar,
    source: &Source,
    language: &Language,
    found: &mut Diagnostics,
) -> Vec<Piece> {
    let text = &scalar.text;
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut at = 0;
    let mut mistakes = 0;
    for place in places(text) {
        let open = place.start - OPEN.len();
        literal.push_str(&unescaped(&text[at..open]));
        if place.end == text.len() {
            found.push(unclosed(scalar, source, open));
            at = place.end;
            break;
        }
        at = place.end + CLOSE.len();
        if let Some(piece) = expression(scalar, place.start, place.end, source, language, found) {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(piece);
        } else {
            // Each takes time in proportion to the scalar's length.
            mistakes += 1;
            if mistakes >= SHOWN {
                break;
            }
        }
    }
    literal.push_str(&unescaped(&text[at..]));
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

/// Finds the expressions in a string, in order: the byte ranges between `${{` and `}}`. An unclosed one extends to the end of
/// the text. `$${{` doesn't begin one.
pub fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + text.get(at..)?.find(OPEN)?;
            let start = open + OPEN.len();
            if text[at..open].ends_with('$') {
                at = start;
                continue;
            }
            let end = end_of_expression(&text[start..]).map(|length| start + length);
            at = end.map_or(text.len(), |end| end + CLOSE.len());
            return Some(start..end.unwrap_or(text.len()));
        }
    })
}

/// Replaces `$${{` by `${{`.
fn unescaped(text: &str) -> String {
    text.replace("$${{", OPEN)
}

/// Reports an unclosed expression that begins at this byte offset in a scalar; YAML may have cut it off.
fn unclosed(scalar: &Scalar, source: &Source, open: usize) -> Diagnostic {
    if scalar.style == Style::Plain {
        let text = source.text();
        let end = scalar.span.end.saturating_sub(source.start());
        let rest = text.get(end..).unwrap_or_default();
        let rest = rest.lines().next().unwrap_or_default().trim_start();
        if rest.starts_with('#') && rest.contains(CLOSE) {
            let place = scalar.locate(source, open, scalar.text.len());
            return diagnostics::expression_with_comment(place);
        }
    }
    let place = scalar.locate(source, open, open + OPEN.len());
    diagnostics::unclosed_expression(place)
}

/// Compiles the expression in a part of a scalar; `None` after an error.
fn expression(
    scalar: &Scalar,
    start: usize,
    end: usize,
    source: &Source,
    language: &Language,
    found: &mut Diagnostics,
) -> Option<Piece> {
    let inner = &scalar.text[start..end];
    let written = inner.trim();
    let offset = start + inner.len() - inner.trim_start().len();
    match language.compile(written) {
        Ok(program) => Some(Piece::Expression {
            program,
            written: written.to_owned(),
            offset,
        }),
        Err(error) => {
            let last = written.len().saturating_sub(1);
            let from = offset + written.floor_char_boundary(error.offset.min(last));
            let until = (offset + written.len()).max(from);
            let span = scalar.locate(source, from, until);
            found.push(diagnostics::invalid_expression(
                written,
                &error.message,
                span,
            ));
            None
        }
    }
}

/// Returns the length of an expression up to its `}}`, ignoring those in CEL's strings and braces.
fn end_of_expression(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut quote) = (0, 0_usize, None);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'"' | b'\'')) => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{end_of_expression, places};

    #[test]
    fn the_end_is_not_found_in_strings_and_braces() {
        for (text, expected) in [
            (" a }}", Some(3)),
            (r#" "}}" }}"#, Some(6)),
            (r#" "\"}}" }}"#, Some(8)),
            (" {'a': {}} }}", Some(11)),
            (" a }", None),
            (" 'a }}", None),
        ] {
            assert_eq!(end_of_expression(text), expected, "{text}");
        }
    }

    #[test]
    fn the_places_of_expressions() {
        for (text, expected) in [
            ("a ${{ b }}${{c}} d", vec![" b ", "c"]),
            (
                r#"${{ "}}" + {'a': {}}.a }} ${{ b"#,
                vec![r#" "}}" + {'a': {}}.a "#, " b"],
            ),
            ("$${{ a }} ${{ b }}$${{ c }} $$${{ d }}", vec![" b "]),
            ("$${{${{ a }}", vec![" a "]),
            (r#"${{ "\"}}" }}"#, vec![r#" "\"}}" "#]),
            ("${{", vec![""]),
        ] {
            let found: Vec<&str> = places(text).map(|place| &text[place]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
