//! The keys that `defaults`, stages and `run` steps share.

use stagefile_text::suggestion::closest;

use super::{Fields, Reader, one_or_more};
use crate::diagnostics;
use crate::habits;
use crate::syntax::keys::{CACHE, SECRET, Table};
use crate::syntax::tree::{Entry, Node, Value};
use crate::syntax::{Settings, SshAgent, Use};

impl Reader<'_> {
    pub(super) fn settings(&mut self, fields: &Fields<'_>) -> Settings {
        Settings {
            workdir: self.string_of(fields, "workdir"),
            user: self.string_of(fields, "user"),
            env: self.overrides_of(fields, "env"),
            shell: fields.get("shell").map(|node| self.strings(node, "shell")),
            network: self.string_of(fields, "network"),
            caches: self.uses(fields, "caches", &CACHE, Reader::record),
            secrets: self.uses(fields, "secrets", &SECRET, Reader::secret),
            ssh: self.items(fields, "ssh", Reader::ssh_agent),
            mounts: self.items(fields, "mounts", Reader::record),
            hosts: self.string_map_of(fields, "hosts"),
            limits: fields
                .get("limits")
                .and_then(|node| self.record(node))
                .unwrap_or_default(),
            ulimits: self.ulimits(fields),
        }
    }

    /// Reads one value or a list of values.
    pub(super) fn items<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<T> {
        let Some(node) = fields.get(key) else {
            return Vec::new();
        };
        one_or_more(node)
            .iter()
            .filter_map(|item| read(self, item))
            .collect()
    }

    /// Reads names and long forms.
    fn uses<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &'static str,
        table: &'static Table,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Vec<Use<T>> {
        self.items(fields, key, |reader, node| match &node.value {
            Value::Mapping(entries) => {
                if !entries.is_empty() && entries.iter().all(|entry| is_definition(entry, table)) {
                    for entry in entries.iter() {
                        let (name, span) = (&entry.key.text, entry.key.span);
                        let error = diagnostics::definition_in_use(key, name, &entry.value, span);
                        reader.found.push(error);
                    }
                    return None;
                }
                let span = reader.short(node.span);
                read(reader, node).map(|value| Use::Inline(value, span))
            }
            _ => reader.string(node, key).map(Use::Named),
        })
    }

    fn ssh_agent(&mut self, node: &Node) -> Option<SshAgent> {
        self.long_form(node, "ssh", |id, span| SshAgent {
            span,
            id: Some(id),
            ..SshAgent::default()
        })
    }
}

/// Reports whether a key is probably a name that the user defines there, rather than a mistyped key or one of another tool.
fn is_definition(entry: &Entry, table: &Table) -> bool {
    let key = entry.key.text.as_str();
    if table.key(key).is_some() || habits::key(table, key).is_some() {
        return false;
    }
    let Some(similar) = closest(key, table.names()) else {
        return true;
    };
    if let Value::Mapping(keys) = &entry.value.value {
        return keys.iter().any(|one| table.key(&one.key.text).is_some());
    }
    // `models: /models` isn't `mode`.
    let text = entry.value.string();
    text.is_some_and(|text| text.starts_with('/')) && !matches!(similar, "target" | "path")
}
