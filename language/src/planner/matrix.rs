//! The combinations of a stage's `matrix`.

use super::Planner;
use crate::budget::Size;
use crate::diagnostics;
use crate::expression::Combination;
use crate::source::Span;
use crate::syntax::{self, Matrix};

/// The maximum number of combinations of a stage.
pub const MAX_COMBINATIONS: usize = 256;
/// The maximum number of variables in a matrix: with two values each, fewer variables already result in too many combinations.
pub const MAX_VARIABLES: usize = 64;

impl Planner<'_> {
    /// Returns the combinations of a matrix.
    pub(super) fn combinations(&mut self, matrix: &Matrix, stage: Span) -> Vec<Combination> {
        let Some(mut combinations) = self.product(matrix) else {
            return Vec::new();
        };
        let listed = matrix.exclude.len().max(matrix.include.len());
        if listed > MAX_COMBINATIONS {
            let error = diagnostics::matrix_too_large(stage, MAX_COMBINATIONS);
            self.found.push(error);
            return Vec::new();
        }
        for entry in &matrix.exclude {
            let entry = self.entry(entry, matrix);
            combinations.retain(|combination| !entry.iter().all(|pair| combination.contains(pair)));
        }
        for (entry, span) in &matrix.include {
            let entry = self.entry(entry, matrix);
            let variables = || matrix.variables.iter().map(|(name, _)| &name.value);
            let missing = variables().find(|name| !entry.iter().any(|(one, _)| one == *name));
            if let Some(missing) = missing {
                let error = diagnostics::missing_key(missing, "a combination", *span);
                self.found.push(error);
                continue;
            }
            let ordered = variables().filter_map(|name| entry.iter().find(|(one, _)| one == name));
            let combination: Combination = ordered.cloned().collect();
            if !combinations.contains(&combination) {
                combinations.push(combination);
            }
            if combinations.len() > MAX_COMBINATIONS {
                break;
            }
        }
        if combinations.is_empty() && !matrix.exclude.is_empty() {
            let wanted = "what some of the combinations have, so that one is left";
            let error = diagnostics::invalid_value("exclude", "every combination", stage, wanted);
            self.found.push(error);
        }
        if combinations.len() > MAX_COMBINATIONS {
            let error = diagnostics::matrix_too_large(stage, MAX_COMBINATIONS);
            self.found.push(error);
            combinations.truncate(MAX_COMBINATIONS);
        }
        combinations
    }

    /// Returns all combinations of the variables' values; `None` if there are too many.
    fn product(&mut self, matrix: &Matrix) -> Option<Vec<Combination>> {
        if let Some((name, _)) = matrix.variables.get(MAX_VARIABLES) {
            let error = diagnostics::too_many_variables(name.span, MAX_VARIABLES);
            self.found.push(error);
            return None;
        }
        let mut combinations = vec![Combination::new()];
        for (name, values) in &matrix.variables {
            self.check_variable("a variable of a matrix", name);
            let values = self.texts(values);
            let count = combinations.len().saturating_mul(values.len());
            if count > MAX_COMBINATIONS {
                let error = diagnostics::matrix_too_large(name.span, MAX_COMBINATIONS);
                self.found.push(error);
                return None;
            }
            let of_values: Size = values.iter().map(|value| Size::of(&value.value)).sum();
            let copies = Size {
                values: 2 * count,
                bytes: name.value.len() * count + of_values.bytes * combinations.len(),
            };
            if !self.take(|| copies, name.span) {
                return None;
            }
            let extended = combinations.iter().flat_map(|combination| {
                values.iter().map(|value| {
                    let own = (name.value.clone(), value.value.clone());
                    combination.iter().cloned().chain([own]).collect()
                })
            });
            combinations = extended.collect();
        }
        Some(combinations)
    }

    /// Evaluates an entry of `exclude` or `include`.
    fn entry(
        &mut self,
        entry: &[(syntax::Name, crate::expression::Text)],
        matrix: &Matrix,
    ) -> Combination {
        let mut pairs = Combination::new();
        for (name, value) in entry {
            let known = || matrix.variables.iter().map(|(one, _)| one.value.as_str());
            if !known().any(|one| one == name.value) {
                let error = diagnostics::unknown_variable(&name.value, name.span, known());
                self.found.push(error);
            }
            let value = self.text(value);
            pairs.extend(value.map(|value| (name.value.clone(), value.value)));
        }
        pairs
    }
}
