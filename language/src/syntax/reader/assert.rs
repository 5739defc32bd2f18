//! Assertions about a stage's image.

use std::sync::Arc;

use super::{Fields, Reader, one_or_more};
use crate::diagnostics;
use crate::expression::Text;
use crate::syntax::keys::{ASSERT, ASSERT_COMMAND, ASSERT_IMAGE};
use crate::syntax::tree::{Entry, Node, Value};
use crate::syntax::{Assert, CommandFacts, FileFacts, ImageFact, Output, Run, Settings};

impl Reader<'_> {
    pub(super) fn assert(&mut self, fields: &Fields<'_>) -> Assert {
        let place = fields.entry("assert").map(|entry| entry.key.span);
        let facts = fields.get("assert");
        let Some(fields) = facts.and_then(|node| self.fields(node, &ASSERT)) else {
            return Assert::default();
        };
        let commands = fields.get("commands").map_or(&[][..], one_or_more);
        Assert {
            place,
            files: self.file_facts_of(&fields),
            image: fields
                .get("image")
                .map(|node| self.image_facts(node))
                .unwrap_or_default(),
            commands: commands
                .iter()
                .filter_map(|command| self.command_facts(command))
                .collect(),
            size: self.string_of(&fields, "size"),
        }
    }

    /// Reads assertions by path. Unlike names, paths may have expressions.
    fn file_facts_of(&mut self, fields: &Fields<'_>) -> Vec<(Text, FileFacts)> {
        let Some(node) = fields.get("files") else {
            return Vec::new();
        };
        let Value::Mapping(entries) = &node.value else {
            let span = self.short(node.span);
            let error = diagnostics::not_named("files", node, span);
            self.found.push(error);
            return Vec::new();
        };
        self.refuse_empty_keys(entries);
        // Like any path, it may begin with `x-`.
        entries
            .iter()
            .filter_map(|entry| self.facts_of_file(entry))
            .collect()
    }

    fn facts_of_file(&mut self, entry: &Entry) -> Option<(Text, FileFacts)> {
        let path = Text::read(
            &Arc::clone(&entry.key),
            self.source,
            self.language,
            self.found,
        );
        if entry.value.is_null() {
            let error = diagnostics::missing_value(&entry.key.text, entry.key.span);
            self.found.push(error);
            return None;
        }
        let facts = self.file_facts(&entry.value)?;
        Some((path, facts))
    }

    fn file_facts(&mut self, node: &Node) -> Option<FileFacts> {
        if !matches!(node.value, Value::Mapping(_)) {
            return self.string(node, "files").map(FileFacts::Word);
        }
        let facts = self.record(node)?;
        Some(FileFacts::Facts(Box::new(facts)))
    }

    fn image_facts(&mut self, node: &Node) -> Vec<ImageFact> {
        let Some(fields) = self.fields(node, &ASSERT_IMAGE) else {
            return Vec::new();
        };
        let mut facts = Vec::new();
        facts.extend(self.string_of(&fields, "user").map(ImageFact::User));
        facts.extend(self.string_of(&fields, "workdir").map(ImageFact::Workdir));
        facts.push(ImageFact::Env(self.overrides_of(&fields, "env")));
        for (key, fact) in [
            ("entrypoint", ImageFact::Entrypoint as fn(_, _) -> _),
            ("cmd", ImageFact::Cmd),
        ] {
            if let Some(node) = fields.get(key) {
                let span = self.short(node.span);
                let command = self.command(node, key);
                facts.extend(command.map(|command| fact(command, span)));
            }
        }
        for (key, fact) in [
            ("expose", ImageFact::Expose as fn(_, _) -> _),
            ("volumes", ImageFact::Volumes),
        ] {
            if let Some(node) = fields.get(key) {
                let span = self.short(node.span);
                let texts = self.strings(node, key);
                facts.push(fact(texts, span));
            }
        }
        facts.push(ImageFact::Labels(self.overrides_of(&fields, "labels")));
        let signal = self.string_of(&fields, "stop-signal");
        facts.extend(signal.map(ImageFact::StopSignal));
        facts
    }

    fn command_facts(&mut self, node: &Node) -> Option<CommandFacts> {
        let fields = self.fields(node, &ASSERT_COMMAND)?;
        let command = self.command_of(&fields, "run");
        let run = command.map(|command| Run {
            command,
            settings: Settings {
                user: self.string_of(&fields, "user"),
                workdir: self.string_of(&fields, "workdir"),
                env: self.overrides_of(&fields, "env"),
                ..Settings::default()
            },
            timeout: self.string_of(&fields, "timeout"),
            ..Run::default()
        });
        Some(CommandFacts {
            span: self.short(node.span),
            run,
            exit_code: self.string_of(&fields, "exit-code"),
            stdout: self.output_facts(&fields, "stdout"),
            stderr: self.output_facts(&fields, "stderr"),
        })
    }

    fn output_facts(&mut self, fields: &Fields<'_>, key: &str) -> Output {
        let Some(node) = fields.get(key) else {
            return Output::default();
        };
        if !matches!(node.value, Value::Mapping(_)) {
            return Output {
                contains: self.strings(node, key),
                ..Output::default()
            };
        }
        self.record(node).unwrap_or_default()
    }
}
