//! A stage and its image.

use super::{Fields, Reader};
use crate::diagnostics;
use crate::syntax::keys::{HEALTHCHECK, IMAGE, STAGE};
use crate::syntax::tree::{Node, Value};
use crate::syntax::{Check, Command, Healthcheck, Image, Stage};

impl Reader<'_> {
    pub(super) fn stage(&mut self, node: &Node) -> Option<Stage> {
        let fields = self.fields(node, &STAGE)?;
        let template = self.template_use(&fields);
        if template.is_none()
            && let Some(entry) = fields.entries.get("with")
        {
            let span = entry.key.span;
            self.found
                .push(diagnostics::missing_key("use", "a stage with `with`", span));
        }
        Some(Stage {
            template,
            matrix: fields.get("matrix").map(|node| self.matrix(node)),
            condition: self.condition(&fields),
            from: self.origin_of(&fields),
            platform: self.text_of(&fields, "platform"),
            description: self.text_of(&fields, "description"),
            settings: self.settings(&fields),
            steps: self.steps(&fields, "steps"),
            requires: self.texts_of(&fields, "requires"),
            outputs: self.named_texts(&fields, "outputs"),
            image: fields
                .get("image")
                .and_then(|node| self.image(node))
                .unwrap_or_default(),
        })
    }

    pub(super) fn steps(&mut self, fields: &Fields<'_>, key: &str) -> Vec<crate::syntax::Step> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        let Value::Sequence(items) = &node.value else {
            let span = self.short(node.span);
            self.found
                .push(diagnostics::not_a_list("steps", node.description(), span));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.step(item)).collect()
    }

    /// Reads a mapping from names to texts.
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
            .filter_map(|(name, node)| Some((name, self.text(node, key)?)))
            .collect()
    }

    fn image(&mut self, node: &Node) -> Option<Image> {
        let fields = self.fields(node, &IMAGE)?;
        Some(Image {
            user: self.text_of(&fields, "user"),
            workdir: self.text_of(&fields, "workdir"),
            env: self.text_map_of(&fields, "env"),
            entrypoint: self.command_of(&fields, "entrypoint"),
            cmd: self.command_of(&fields, "cmd"),
            shell: fields.get("shell").map(|node| self.texts(node, "shell")),
            expose: self.texts_of(&fields, "expose"),
            volumes: self.texts_of(&fields, "volumes"),
            labels: self.text_map_of(&fields, "labels"),
            healthcheck: fields
                .get("healthcheck")
                .and_then(|node| self.healthcheck(node)),
            stop_signal: self.text_of(&fields, "stop-signal"),
            on_build: self.texts_of(&fields, "on-build"),
        })
    }

    /// Reads the program of a key; an empty list is a program too: it drops what the base has.
    fn command_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<Command> {
        fields.get(key).and_then(|node| self.command(node, key))
    }

    fn healthcheck(&mut self, node: &Node) -> Option<Healthcheck> {
        if !matches!(node.value, Value::Mapping(_)) {
            return self.text(node, "healthcheck").map(Healthcheck::Word);
        }
        let fields = self.fields(node, &HEALTHCHECK)?;
        let run = self.command_of(&fields, "run");
        let span = self.short_fields(&fields);
        Some(Healthcheck::Check(Box::new(Check {
            span,
            run,
            interval: self.text_of(&fields, "interval"),
            timeout: self.text_of(&fields, "timeout"),
            start_period: self.text_of(&fields, "start-period"),
            start_interval: self.text_of(&fields, "start-interval"),
            retries: self.text_of(&fields, "retries"),
        })))
    }
}
