//! Templates and matrices.

use super::{Fields, Reader, one_or_more};
use crate::diagnostics;
use crate::expression::Text;
use crate::syntax::keys::{INPUT, MATRIX, TEMPLATE};
use crate::syntax::tree::{Node, Value};
use crate::syntax::{Body, Input, Matrix, Name, Template, TemplateUse};

impl Reader<'_> {
    /// Reads `if`: an expression, with or without its braces.
    pub(super) fn condition(&mut self, fields: &Fields<'_>) -> Option<Text> {
        let node = fields.get("if")?;
        if let Value::Scalar(scalar) = &node.value {
            return Some(Text::read_condition(
                scalar,
                self.source,
                self.language,
                self.found,
            ));
        }
        self.string(node, "if")
    }

    /// Reads `use` and `with`.
    pub(super) fn template_use(&mut self, fields: &Fields<'_>) -> Option<TemplateUse> {
        let template = self.string_of(fields, "use")?;
        let with = match fields.get("with") {
            Some(node) => self.named(node, "with"),
            None => Vec::new(),
        };
        let with = with
            .into_iter()
            .map(|(name, node)| (name, self.data(node)))
            .collect();
        Some(TemplateUse { template, with })
    }

    pub(super) fn template(&mut self, node: &Node) -> Option<Template> {
        let fields = self.fields(node, &TEMPLATE)?;
        let body = match (fields.get("stage"), fields.entry("steps")) {
            (Some(stage), None) => {
                Body::Stage(Box::new(self.template_stage(stage, &["matrix", "if"])?))
            }
            (None, Some(_)) => Body::Steps(self.steps(&fields, "steps")),
            // Reported with the keys of the table.
            _ => return None,
        };
        let inputs = self.definitions(&fields, "inputs", Reader::input);
        let stages = self.definitions(&fields, "stages", |reader, node| {
            reader.template_stage(node, &["matrix"])
        });
        Some(Template {
            description: self.string_of(&fields, "description"),
            inputs,
            stages,
            body,
        })
    }

    /// Reads a stage of a template, without the keys that belong to its user: how often it exists, and for the stage that
    /// becomes the user's, whether it exists.
    fn template_stage(&mut self, node: &Node, refused: &[&str]) -> Option<crate::syntax::Stage> {
        let stage = self.stage(node)?;
        if let Value::Mapping(entries) = &node.value {
            for entry in entries.iter() {
                if refused.contains(&entry.key.text.as_str()) {
                    self.found.push(diagnostics::not_in_a_template(
                        &entry.key.text,
                        entry.key.span,
                    ));
                }
            }
        }
        Some(stage)
    }

    fn input(&mut self, node: &Node) -> Option<Input> {
        if node.is_null() {
            return Some(Input::default());
        }
        if !matches!(node.value, Value::Mapping(_)) {
            let default = Some(self.data(node));
            return Some(Input {
                default,
                ..Input::default()
            });
        }
        let fields = self.fields(node, &INPUT)?;
        Some(Input {
            kind: self.string_of(&fields, "type"),
            required: self.string_of(&fields, "required"),
            default: fields.get("default").map(|node| self.data(node)),
            values: self.strings_of(&fields, "values"),
            description: self.string_of(&fields, "description"),
        })
    }

    pub(super) fn matrix(&mut self, node: &Node) -> Matrix {
        let mut matrix = Matrix::default();
        for (name, node) in self.named(node, MATRIX.place) {
            match name.value.as_str() {
                // A key without a value counts as missing.
                "exclude" | "include" if node.is_null() => {}
                "exclude" => {
                    for entry in one_or_more(node) {
                        matrix.exclude.push(self.combination(entry));
                    }
                }
                "include" => {
                    for entry in one_or_more(node) {
                        let span = self.short(entry.span);
                        matrix.include.push((self.combination(entry), span));
                    }
                }
                _ => {
                    let values = self.strings(node, &name.value);
                    if values.is_empty() {
                        self.found
                            .push(diagnostics::missing_value(&name.value, name.span));
                    }
                    matrix.variables.push((name, values));
                }
            }
        }
        matrix
    }

    fn combination(&mut self, node: &Node) -> Vec<(Name, Text)> {
        let named = self.named(node, "a combination");
        named
            .into_iter()
            .filter_map(|(name, node)| Some((name, self.string(node, "a combination")?)))
            .collect()
    }
}
