//! What `defaults`, stages and `run` steps have in common.

use stagefile_text::suggestion::closest;

use super::{Fields, Reader, one_or_more};
use crate::diagnostics;
use crate::habits;
use crate::syntax::keys::{CACHE, MOUNT, SECRET, SSH_AGENT, Table};
use crate::syntax::tree::{Entry, Node, Value};
use crate::syntax::{Mount, Settings, SshAgent, Use};

impl Reader<'_> {
    pub(super) fn settings(&mut self, fields: &Fields<'_>) -> Settings {
        Settings {
            workdir: self.text_of(fields, "workdir"),
            user: self.text_of(fields, "user"),
            env: self.overrides_of(fields, "env"),
            shell: fields.get("shell").map(|node| self.texts(node, "shell")),
            network: self.text_of(fields, "network"),
            caches: self.uses(fields, "caches", &CACHE, Reader::cache),
            secrets: self.uses(fields, "secrets", &SECRET, Reader::secret),
            ssh: self.items(fields, "ssh", Reader::ssh_agent),
            mounts: self.items(fields, "mounts", Reader::mount),
            hosts: self.text_map_of(fields, "hosts"),
            limits: self.limits(fields),
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
            _ => reader.text(node, key).map(Use::Named),
        })
    }

    fn ssh_agent(&mut self, node: &Node) -> Option<SshAgent> {
        let span = self.short(node.span);
        let agent = SshAgent {
            span,
            id: None,
            target: None,
            mode: None,
            uid: None,
            gid: None,
            optional: None,
        };
        if !matches!(node.value, Value::Mapping(_)) {
            return self.text(node, "ssh").map(|id| SshAgent {
                id: Some(id),
                ..agent
            });
        }
        let fields = self.fields(node, &SSH_AGENT)?;
        Some(SshAgent {
            span,
            id: self.text_of(&fields, "id"),
            target: self.text_of(&fields, "target"),
            mode: self.text_of(&fields, "mode"),
            uid: self.text_of(&fields, "uid"),
            gid: self.text_of(&fields, "gid"),
            optional: self.text_of(&fields, "optional"),
        })
    }

    fn mount(&mut self, node: &Node) -> Option<Mount> {
        let fields = self.fields(node, &MOUNT)?;
        let span = self.short(node.span);
        let to = self.text_of(&fields, "to");
        Some(Mount {
            span,
            from: self.origin_of(&fields),
            path: self.text_of(&fields, "path"),
            to,
            rw: self.text_of(&fields, "rw"),
        })
    }
}

/// Tells whether a key is rather the user's own name, with what it is to mean, than one of a table, misspelt or of another tool.
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
    // `models: /models` is no `mode`.
    let text = entry.value.string();
    text.is_some_and(|text| text.starts_with('/')) && !matches!(similar, "target" | "path")
}
