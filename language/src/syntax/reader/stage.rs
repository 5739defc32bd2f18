//! A stage.

use super::{Fields, Reader};
use crate::diagnostics;
use crate::syntax::keys::{LAYER, STAGE};
use crate::syntax::tree::{Node, Value};
use crate::syntax::{Layer, Layers, Origin, Stage};

impl Reader<'_> {
    pub(super) fn stage(&mut self, node: &Node) -> Option<Stage> {
        let fields = self.fields(node, &STAGE)?;
        let template = self.template_use(&fields);
        if template.is_none()
            && let Some(entry) = fields.entry("with")
        {
            let span = entry.key.span;
            self.found
                .push(diagnostics::missing_key("use", "a stage with `with`", span));
        }
        Some(Stage {
            template,
            matrix: fields.get("matrix").map(|node| self.matrix(node)),
            condition: self.condition(&fields),
            from: match self.origin_of(&fields, "from") {
                None if fields.entry("from").is_none() => self.image_as_base(&fields),
                from => from,
            },
            platform: self.string_of(&fields, "platform"),
            description: self.string_of(&fields, "description"),
            settings: self.settings(&fields),
            steps: self.steps(&fields, "steps"),
            requires: self.strings_of(&fields, "requires"),
            outputs: self.named_texts(&fields, "outputs"),
            assert: self.assert(&fields),
            reports: self.named_texts(&fields, "reports"),
            layers: self.layers(&fields),
            image: fields
                .get("image")
                .and_then(|node| self.record(node))
                .map(Box::new),
        })
    }

    /// Takes `image: node:22` as the base of the stage. It is reported with the image settings.
    fn image_as_base(&mut self, fields: &Fields<'_>) -> Option<Origin> {
        let node = fields.get("image")?;
        node.string()?;
        self.string(node, "image").map(Origin::Word)
    }

    pub(super) fn steps(&mut self, fields: &Fields<'_>, key: &str) -> Vec<crate::syntax::Step> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        let Value::Sequence(items) = &node.value else {
            let span = self.short(node.span);
            let error = diagnostics::not_a_list("steps", node.description(), span);
            let first = match &node.value {
                Value::Mapping(entries) => entries.first(),
                _ => None,
            };
            let stuck = first.and_then(|entry| entry.key.text.strip_prefix('-'));
            self.found.push(match stuck {
                Some(key) => error.help(format!("a blank is missing: `- {key}: …`")),
                None => error,
            });
            return Vec::new();
        };
        items.iter().filter_map(|item| self.step(item)).collect()
    }

    fn layers(&mut self, fields: &Fields<'_>) -> Option<Layers> {
        let node = fields.get("layers")?;
        let Value::Sequence(items) = &node.value else {
            return self.string(node, "layers").map(Layers::Word);
        };
        if items.is_empty() {
            self.found
                .push(diagnostics::missing_value("layers", node.span));
        }
        let layers = items.iter().filter_map(|item| {
            let fields = self.fields(item, &LAYER)?;
            Some(Layer {
                name: self.string_of(&fields, "name"),
                paths: self.strings_of(&fields, "paths"),
            })
        });
        Some(Layers::Groups(layers.collect()))
    }

    /// Reads a mapping from names to strings.
    pub(super) fn named_texts(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Vec<(crate::syntax::Name, crate::expression::Text)> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        let named = self.named(node, key);
        named
            .into_iter()
            .filter_map(|(name, node)| {
                let text = self.string(node, &name.value)?;
                Some((name, text))
            })
            .collect()
    }
}
