//! The config of a stage's image.

use super::{Fields, Reader};
use crate::diagnostics;
use crate::expression::Text;
use crate::syntax::keys::{ANNOTATION, HEALTHCHECK, IMAGE, INHERIT};
use crate::syntax::tree::{Node, Value};
use crate::syntax::{Annotation, Check, Command, Healthcheck, Image, Inherit, Name};

impl Reader<'_> {
    pub(super) fn image(&mut self, node: &Node) -> Option<Image> {
        let fields = self.fields(node, &IMAGE)?;
        Some(Image {
            user: self.text_of(&fields, "user"),
            workdir: self.text_of(&fields, "workdir"),
            env: self.overrides_of(&fields, "env"),
            entrypoint: self.command_of(&fields, "entrypoint"),
            cmd: self.command_of(&fields, "cmd"),
            shell: fields.get("shell").map(|node| self.texts(node, "shell")),
            expose: self.texts_of(&fields, "expose"),
            volumes: self.texts_of(&fields, "volumes"),
            labels: self.overrides_of(&fields, "labels"),
            healthcheck: fields
                .get("healthcheck")
                .and_then(|node| self.healthcheck(node)),
            stop_signal: self.text_of(&fields, "stop-signal"),
            on_build: self.texts_of(&fields, "on-build"),
            annotations: self.annotations(&fields),
            epoch: self.text_of(&fields, "epoch"),
            inherit: self.inherit(&fields),
        })
    }

    /// Reads variables or labels; one with nothing behind it drops an inherited one.
    pub(super) fn overrides_of(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Vec<(Name, Option<Text>)> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        if let Value::Sequence(_) = &node.value {
            let written = self.text_map_of(fields, key).into_iter();
            return written.map(|(name, text)| (name, Some(text))).collect();
        }
        let named = self.named(node, key);
        let written = named.into_iter().filter_map(|(name, node)| {
            if node.is_null() {
                return Some((name, None));
            }
            let text = self.text(node, &name.value)?;
            Some((name, Some(text)))
        });
        written.collect()
    }

    fn annotations(&mut self, fields: &Fields<'_>) -> Vec<(Name, Annotation)> {
        let Some(node) = fields.get("annotations") else {
            return Vec::new();
        };
        let named = self.named(node, "annotations");
        let read = named
            .into_iter()
            .filter_map(|(name, node)| Some((name, self.annotation(node)?)));
        read.collect()
    }

    fn annotation(&mut self, node: &Node) -> Option<Annotation> {
        if !matches!(node.value, Value::Mapping(_)) {
            let value = self.text(node, "annotations")?;
            return Some(Annotation {
                value: Some(value),
                at: Vec::new(),
            });
        }
        let fields = self.fields(node, &ANNOTATION)?;
        Some(Annotation {
            value: self.text_of(&fields, "value"),
            at: self.texts_of(&fields, "at"),
        })
    }

    fn inherit(&mut self, fields: &Fields<'_>) -> Option<Inherit> {
        let node = fields.get("inherit")?;
        if !matches!(node.value, Value::Mapping(_)) {
            return self.text(node, "inherit").map(Inherit::All);
        }
        let fields = self.fields(node, &INHERIT)?;
        let parts = INHERIT
            .names()
            .filter_map(|key| Some((key, self.text_of(&fields, key)?)));
        Some(Inherit::Parts(parts.collect()))
    }

    /// Reads the program of a key; an empty list is a program too: it drops what the base has.
    pub(super) fn command_of(&mut self, fields: &Fields<'_>, key: &str) -> Option<Command> {
        fields.get(key).and_then(|node| self.command(node, key))
    }

    fn healthcheck(&mut self, node: &Node) -> Option<Healthcheck> {
        match &node.value {
            Value::Scalar(_) => return self.text(node, "healthcheck").map(Healthcheck::Word),
            Value::Sequence(items) if items.is_empty() => {
                let error = diagnostics::missing_value("healthcheck", self.short(node.span));
                self.found.push(error);
                return None;
            }
            Value::Sequence(_) => {
                return Some(Healthcheck::Check(Box::new(Check {
                    span: self.short(node.span),
                    run: self.command(node, "healthcheck"),
                    interval: None,
                    timeout: None,
                    start_period: None,
                    start_interval: None,
                    retries: None,
                })));
            }
            Value::Mapping(_) => {}
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
