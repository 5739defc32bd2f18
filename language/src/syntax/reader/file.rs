//! The file and its definitions.

use std::collections::HashSet;

use super::{Fields, Reader};
use crate::budget::Size;
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::Language;
use crate::habits;
use crate::source::Source;
use crate::syntax::keys::{DEFAULTS, FILE, LINT};
use crate::syntax::tree::{Node, Value};
use crate::syntax::{Arg, File, Import, LintRule, Name, Secret, Settings};

/// Reads the whole file.
pub(in crate::syntax) fn file(
    tree: &Node,
    source: &Source,
    language: &Language,
    size: Size,
    found: &mut Diagnostics,
) -> Option<File> {
    let mut reader = Reader {
        source,
        language,
        found,
        broken: HashSet::new(),
        values: Vec::new(),
    };
    if let Value::Mapping(entries) = &tree.value
        && let Some((entry, tool)) = habits::file(entries)
    {
        let error = diagnostics::foreign_file(entry.key.span, tool);
        reader.found.push(error);
        return None;
    }
    let fields = reader.fields(tree, &FILE)?;
    let file = File {
        args: reader.definitions(&fields, "args", |reader, node| Some(reader.arg(node))),
        secrets: reader.definitions(&fields, "secrets", Reader::secret),
        caches: reader.definitions(&fields, "caches", Reader::record),
        imports: reader.definitions(&fields, "imports", Reader::import),
        templates: reader.definitions(&fields, "templates", Reader::template),
        defaults: reader.defaults(&fields),
        stages: reader.stages(&fields),
        target: reader.string_of(&fields, "target"),
        lint: reader.lint(&fields),
        broken: HashSet::new(),
        size,
        values: Vec::new(),
    };
    let (broken, values) = (reader.broken, reader.values);
    Some(File {
        broken,
        values,
        ..file
    })
}

impl Reader<'_> {
    pub(super) fn definitions<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<(Name, T)> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        let named = self.named(node, key);
        named
            .into_iter()
            .filter_map(|(name, node)| {
                let Some(value) = read(self, node) else {
                    self.broken.insert(name.value);
                    return None;
                };
                Some((name, value))
            })
            .collect()
    }

    fn stages(&mut self, fields: &Fields<'_>) -> Vec<(Name, crate::syntax::Stage)> {
        let Some(node) = fields.get("stages") else {
            // A file that is only for templates may have no stages, and neither may one that builds a stage of
            // another file.
            let builds_imported = fields.get("imports").and(fields.get("target")).is_some();
            if fields.get("templates").is_none() && !builds_imported {
                let span = self.short_fields(fields);
                self.found.push(diagnostics::no_stages(span));
            }
            return Vec::new();
        };
        let stages = self.definitions(fields, "stages", Reader::stage);
        if matches!(&node.value, Value::Mapping(entries) if entries.is_empty()) {
            self.found.push(diagnostics::no_stages(node.span));
        }
        stages
    }

    /// Reads a build argument. It is an argument even if its value is invalid.
    fn arg(&mut self, node: &Node) -> Arg {
        if node.is_null() {
            return Arg::default();
        }
        let arg = self.long_form(node, "default", |default, _| Arg {
            default: Some(default),
            ..Arg::default()
        });
        arg.unwrap_or_default()
    }

    fn import(&mut self, node: &Node) -> Option<Import> {
        self.long_form(node, "path", |path, _| Import {
            span: node.span,
            path: Some(path),
            ..Import::default()
        })
    }

    pub(super) fn secret(&mut self, node: &Node) -> Option<Secret> {
        if node.is_null() {
            return Some(Secret::default());
        }
        self.record(node)
    }

    fn lint(&mut self, fields: &Fields<'_>) -> Vec<LintRule> {
        let fields = fields.get("lint").and_then(|node| self.fields(node, &LINT));
        let Some(fields) = fields else {
            return Vec::new();
        };
        let rules = LINT.names().filter_map(|code| {
            let entry = fields.entry(code).filter(|entry| !entry.value.is_null())?;
            let level = self.string(&entry.value, code)?;
            Some(LintRule {
                code,
                span: entry.key.span,
                level,
            })
        });
        rules.collect()
    }

    fn defaults(&mut self, fields: &Fields<'_>) -> Settings {
        let Some(node) = fields.get("defaults") else {
            return Settings::default();
        };
        let Some(fields) = self.fields(node, &DEFAULTS) else {
            return Settings::default();
        };
        self.settings(&fields)
    }
}
