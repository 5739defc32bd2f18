//! Image settings of a stage.

use super::{Fields, Reader};
use crate::diagnostics;
use crate::expression::Text;
use crate::syntax::keys::INHERIT;
use crate::syntax::tree::{Node, Value};
use crate::syntax::{Annotation, Check, Command, Healthcheck, Inherit, Name};

impl Reader<'_> {
    /// Reads variables or labels; one without a value drops an inherited one.
    pub(in crate::syntax) fn overrides_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Vec<(Name, Option<Text>)> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        if let Value::Sequence(_) = &node.value {
            let written = self.string_map_of(fields, key).into_iter();
            return written.map(|(name, text)| (name, Some(text))).collect();
        }
        let named = self.named(node, key);
        let written = named.into_iter().filter_map(|(name, node)| {
            if node.is_null() {
                return Some((name, None));
            }
            let text = self.string(node, &name.value)?;
            Some((name, Some(text)))
        });
        written.collect()
    }

    /// Reads annotations by their names.
    pub(in crate::syntax) fn annotations_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Vec<(Name, Annotation)> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        let named = self.named(node, key);
        let read = named
            .into_iter()
            .filter_map(|(name, node)| Some((name, self.annotation(node)?)));
        read.collect()
    }

    fn annotation(&mut self, node: &Node) -> Option<Annotation> {
        self.long_form(node, "annotations", |value, _| Annotation {
            value: Some(value),
            ..Annotation::default()
        })
    }

    /// Reads what is inherited: all or nothing, or individual parts.
    pub(in crate::syntax) fn inherit_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Option<Inherit> {
        let node = fields.get(key)?;
        if !matches!(node.value, Value::Mapping(_)) {
            return self.string(node, key).map(Inherit::All);
        }
        let fields = self.fields(node, &INHERIT)?;
        let parts = INHERIT
            .names()
            .filter_map(|key| Some((key, self.string_of(&fields, key)?)));
        Some(Inherit::Parts(parts.collect()))
    }

    /// Reads the program in a key; an empty list is valid too: it drops the base's.
    pub(in crate::syntax) fn command_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Option<Command> {
        fields.get(key).and_then(|node| self.command(node, key))
    }

    /// Reads a shell, which may be written as a single string.
    pub(in crate::syntax) fn shell_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Option<Vec<Text>> {
        fields.get(key).map(|node| self.strings(node, key))
    }

    /// Reads a health check: a word, a program, or the long form.
    pub(in crate::syntax) fn healthcheck_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Option<Healthcheck> {
        let node = fields.get(key)?;
        let check = match &node.value {
            Value::Scalar(_) => return self.string(node, key).map(Healthcheck::Word),
            Value::Sequence(items) if items.is_empty() => {
                let error = diagnostics::missing_value(key, self.short(node.span));
                self.found.push(error);
                return None;
            }
            Value::Sequence(_) => Check {
                run: self.command(node, key),
                ..Check::default()
            },
            Value::Mapping(_) => self.record(node)?,
        };
        Some(Healthcheck::Check(Box::new(check)))
    }
}
