//! Evaluation of expressions with the names of a scope.

use cel::parser::Expression;
use cel::{ExecutionError, Value};
use stagefile_text::suggestion::closest;

use super::super::base::Base;
use super::super::cost::{self, MAX_COST, TooCostly};
use super::super::text::{Piece, Text};
use super::{MAX_TOTAL_COST, MAX_VALUE, Scope, to_cost};
use crate::budget::Size;
use crate::diagnostic::{Diagnostics, SHOWN};
use crate::diagnostics;
use crate::source::Spanned;

impl Scope<'_> {
    /// Evaluates a string; `None` after an error, which is reported with its location in the scalar.
    pub fn evaluate(&self, text: &Text, found: &mut Diagnostics) -> Option<Spanned<String>> {
        let Some(pieces) = &text.pieces else {
            let written = text.scalar.text.as_str();
            let taken = self.budget.take(Size::of(written), text.span(), found);
            return taken.then(|| Spanned::new(written.to_owned(), text.span()));
        };
        let mut value = Some(String::new());
        let mut inserted = 0;
        let mut mistakes = 0;
        for piece in pieces.iter() {
            let part = match piece {
                Piece::Literal(literal) => Some(literal.clone()),
                Piece::Expression {
                    program,
                    written,
                    offset,
                } => self.run(text, program, written, *offset, found),
            };
            if let (Some(part), Piece::Expression { .. }) = (&part, piece) {
                inserted += part.len();
            }
            if inserted > MAX_VALUE {
                found.push(diagnostics::value_too_large(MAX_VALUE, text.span()));
                return None;
            }
            // All pieces are evaluated, so that all mistakes in a scalar are reported; but only some in a huge one, since
            // finding their locations takes long.
            mistakes += usize::from(part.is_none());
            if mistakes >= SHOWN {
                return None;
            }
            value = value.zip(part).map(|(value, part)| value + &part);
        }
        let value = value?;
        let taken = self.budget.take(Size::of(&value), text.span(), found);
        taken.then(|| Spanned::new(value, text.span()))
    }

    /// Evaluates a string that consists of a single expression, to a value of any type; `None` for other strings, and
    /// after an error.
    pub fn evaluate_value(&self, text: &Text, found: &mut Diagnostics) -> Option<Value> {
        match text.pieces.as_deref().map(Vec::as_slice) {
            Some(
                [
                    Piece::Expression {
                        program,
                        written,
                        offset,
                    },
                ],
            ) => self.value(text, program, written, *offset, found),
            _ => None,
        }
    }

    /// Evaluates a condition.
    pub fn evaluate_condition(&self, text: &Text, found: &mut Diagnostics) -> Option<bool> {
        // An invalid condition has been reported already.
        if text.pieces.as_ref().is_some_and(|pieces| pieces.is_empty()) {
            return None;
        }
        if text.single_expression().is_none() {
            let text = self.evaluate(text, found)?;
            found.push(diagnostics::not_a_condition("text", text.span));
            return None;
        }
        match self.evaluate_value(text, found)? {
            Value::Bool(truth) => Some(truth),
            other => {
                let kind = other.type_of().to_string();
                found.push(diagnostics::not_a_condition(&kind, text.span()));
                None
            }
        }
    }

    fn run(
        &self,
        text: &Text,
        program: &Expression,
        written: &str,
        offset: usize,
        found: &mut Diagnostics,
    ) -> Option<String> {
        let value = self.value(text, program, written, offset, found)?;
        let text_of_value = self::written(&value);
        if text_of_value.is_none() {
            let source = self.sources.file(text.span());
            let span = text.scalar.locate(source, offset, offset + written.len());
            found.push(diagnostics::not_a_text(&value.type_of().to_string(), span));
        }
        text_of_value
    }

    fn value(
        &self,
        text: &Text,
        program: &Expression,
        written: &str,
        offset: usize,
        found: &mut Diagnostics,
    ) -> Option<Value> {
        let locate = |start: usize, end: usize| {
            let source = self.sources.file(text.span());
            text.scalar.locate(source, offset + start, offset + end)
        };
        let used = self.used_names(program);
        for name in &used.unknown {
            let (start, end) = find_name(written, &name.name);
            let span = locate(start, end);
            found.push(match &name.of {
                Some(of) => diagnostics::unknown_member(of, &name.name, span, || self.members(of)),
                None => {
                    diagnostics::unknown_name(&name.name, span, closest(&name.name, self.names()))
                }
            });
        }
        if !used.unknown.is_empty() {
            return None;
        }
        if used.is_open {
            self.open.set(self.open.get() + 1);
            return None;
        }
        // The time to find the location is proportional to the scalar's length.
        let span = || locate(0, written.len());
        let left = MAX_TOTAL_COST.saturating_sub(self.budget.spent());
        let limit = MAX_COST.min(left);
        let (value, cost) = cost::limited(limit, || {
            Value::resolve(program, &self.bound.borrow().context)
        });
        self.budget.spend(cost);
        match value {
            Err(TooCostly) if limit == MAX_COST => {
                found.push(diagnostics::expression_too_costly(MAX_COST, span()));
                None
            }
            Err(TooCostly) => {
                let error = || diagnostics::expressions_too_costly(MAX_TOTAL_COST, span());
                self.budget.report(error, found);
                None
            }
            Ok(Ok(value)) => {
                let size = Size::of_value(&value, MAX_VALUE);
                self.budget.spend(to_cost(size));
                if size.total() > MAX_VALUE {
                    found.push(diagnostics::value_too_large(MAX_VALUE, span()));
                    return None;
                }
                Some(value)
            }
            Ok(Err(ExecutionError::NoSuchKey(key))) if used.base => {
                let Base::Known(base) = &self.place.base else {
                    return None;
                };
                found.push(diagnostics::absent_in_base(&key, written, base, span()));
                None
            }
            Ok(Err(error)) => {
                found.push(diagnostics::failed_expression(
                    written,
                    &reason(&error),
                    span(),
                ));
                None
            }
        }
    }
}

/// Returns the reason why an expression has no value, in terms of its text.
fn reason(error: &ExecutionError) -> String {
    match error {
        ExecutionError::UnsupportedBinaryOperator(name, left, right) => {
            let operator = match *name {
                "add" => "+",
                "sub" => "-",
                "mul" => "*",
                "div" => "/",
                "rem" => "%",
                other => other,
            };
            let (left, right) = (left.type_of(), right.type_of());
            format!(
                "`{operator}` doesn't take {left} and {right}; `string(x)` and `int(x)` convert"
            )
        }
        ExecutionError::NoSuchKey(key) => format!("there is no `{key}`"),
        ExecutionError::UndeclaredReference(name) => format!("there is no function `{name}`"),
        ExecutionError::ValuesNotComparable(left, right) => {
            let (left, right) = (left.type_of(), right.type_of());
            format!("{left} and {right} can't be compared")
        }
        other => other.to_string(),
    }
}

/// Finds a name as a whole word in an expression.
fn find_name(written: &str, name: &str) -> (usize, usize) {
    let word = |character: char| character.is_alphanumeric() || character == '_';
    let is_whole =
        |at: usize| !written[..at].ends_with(word) && !written[at + name.len()..].starts_with(word);
    let at = written
        .match_indices(name)
        .map(|(at, _)| at)
        .find(|at| is_whole(*at));
    at.map_or((0, written.len()), |at| (at, at + name.len()))
}

/// Converts a value to a string; `None` for lists and other types.
pub fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => return None,
    })
}
