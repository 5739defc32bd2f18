//! The file and what it defines for its stages.

use std::collections::HashSet;

use super::{Fields, Reader};
use crate::budget::Size;
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::Language;
use crate::habits;
use crate::source::Source;
use crate::syntax::keys::{ARG, CACHE, DEFAULTS, FILE, IMPORT, LINT, SECRET};
use crate::syntax::tree::{Node, Value};
use crate::syntax::{Arg, Cache, File, Import, LintRule, Name, Secret, Settings};

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
        args: reader.definitions(&fields, "args", Reader::arg),
        secrets: reader.definitions(&fields, "secrets", Reader::secret),
        caches: reader.definitions(&fields, "caches", Reader::cache),
        imports: reader.definitions(&fields, "imports", Reader::import),
        templates: reader.definitions(&fields, "templates", Reader::template),
        defaults: reader.defaults(&fields),
        stages: reader.stages(&fields),
        target: reader.text_of(&fields, "target"),
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
            // A file that others take templates from may have none, and one that builds what another one defines.
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

    fn arg(&mut self, node: &Node) -> Option<Arg> {
        if node.is_null() {
            return Some(Arg::default());
        }
        if !matches!(node.value, Value::Mapping(_)) {
            let default = self.text(node, "default");
            return Some(Arg {
                default,
                ..Arg::default()
            });
        }
        let fields = self.fields(node, &ARG)?;
        Some(Arg {
            default: self.text_of(&fields, "default"),
            description: self.text_of(&fields, "description"),
            required: self.text_of(&fields, "required"),
            values: self.texts_of(&fields, "values"),
        })
    }

    fn import(&mut self, node: &Node) -> Option<Import> {
        if !matches!(node.value, Value::Mapping(_)) {
            let path = self.text(node, "path")?;
            return Some(Import {
                span: node.span,
                path: Some(path),
                from: None,
                args: Vec::new(),
            });
        }
        let fields = self.fields(node, &IMPORT)?;
        Some(Import {
            span: self.short_fields(&fields),
            path: self.text_of(&fields, "path"),
            from: self.origin_of(&fields),
            args: self.text_map_of(&fields, "args"),
        })
    }

    pub(super) fn secret(&mut self, node: &Node) -> Option<Secret> {
        if node.is_null() {
            return Some(Secret::default());
        }
        let fields = self.fields(node, &SECRET)?;
        Some(Secret {
            id: self.text_of(&fields, "id"),
            target: self.text_of(&fields, "target"),
            env: self.text_of(&fields, "env"),
            mode: self.text_of(&fields, "mode"),
            uid: self.text_of(&fields, "uid"),
            gid: self.text_of(&fields, "gid"),
            optional: self.text_of(&fields, "optional"),
            description: self.text_of(&fields, "description"),
        })
    }

    pub(super) fn cache(&mut self, node: &Node) -> Option<Cache> {
        let fields = self.fields(node, &CACHE)?;
        Some(Cache {
            span: self.short_fields(&fields),
            target: self.text_of(&fields, "target"),
            sharing: self.text_of(&fields, "sharing"),
            id: self.text_of(&fields, "id"),
            per: self.texts_of(&fields, "per"),
            from: self.origin_of(&fields),
            path: self.text_of(&fields, "path"),
            mode: self.text_of(&fields, "mode"),
            uid: self.text_of(&fields, "uid"),
            gid: self.text_of(&fields, "gid"),
        })
    }

    fn lint(&mut self, fields: &Fields<'_>) -> Vec<LintRule> {
        let fields = fields.get("lint").and_then(|node| self.fields(node, &LINT));
        let Some(fields) = fields else {
            return Vec::new();
        };
        let rules = LINT.names().filter_map(|code| {
            let entry = fields.entry(code).filter(|entry| !entry.value.is_null())?;
            let level = self.text(&entry.value, code)?;
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
