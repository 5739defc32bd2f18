//! Data that is written to files.

mod json;
mod yaml;

pub(super) use json::json;
pub(super) use yaml::yaml;

use super::Planner;
use crate::expression::Text;
use crate::syntax::{Data, Style};

/// Data with evaluated expressions.
#[derive(Debug)]
pub(in crate::planner) enum Evaluated {
    /// A number, boolean or null, as written.
    Literal(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Evaluated>),
    /// A mapping, in the order of the file.
    Mapping(Vec<(String, Evaluated)>),
}

impl Planner<'_> {
    /// Evaluates data; `None` after errors.
    pub(in crate::planner) fn data(&mut self, data: &Data) -> Option<Evaluated> {
        // All of it is evaluated, so that all mistakes are reported.
        match data {
            Data::Scalar(text) => self.scalar(text),
            Data::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.data(item)).collect();
                items
                    .into_iter()
                    .collect::<Option<_>>()
                    .map(Evaluated::List)
            }
            Data::Mapping(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(name, value)| Some((name.value.clone(), self.data(value)?)))
                    .collect();
                let entries = entries.into_iter().collect::<Option<_>>();
                entries.map(Evaluated::Mapping)
            }
        }
    }

    /// Evaluates a scalar by YAML's core schema: unquoted numbers, booleans and null have their usual types.
    fn scalar(&mut self, text: &Text) -> Option<Evaluated> {
        let plain = text.scalar().style == Style::Plain;
        let null = text.scalar().is_null();
        let constant = text.constant().is_some();
        let value = self.text(text)?.value;
        if plain && null {
            return Some(Evaluated::Literal("null".to_owned()));
        }
        let is_literal = matches!(value.as_str(), "true" | "false")
            || serde_json::from_str::<serde_json::Number>(&value).is_ok();
        if plain && constant && is_literal {
            return Some(Evaluated::Literal(value));
        }
        Some(Evaluated::Text(value))
    }
}
