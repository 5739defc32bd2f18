//! Steps: the action is determined first, since the valid options depend on it.

use super::{Fields, Reader, name};
use crate::diagnostics;
use crate::syntax::keys::{ActionKind, COPY, MKDIR, PARALLEL, REMOVE, RUN, SYMLINK, Table, WRITE};
use crate::syntax::tree::{Entry, Node, Value};
use crate::syntax::{
    Action, Bind, Content, Copy, Data, Mkdir, Remove, Retry, Run, Step, Symlink, Tmpfs, Write,
};

impl Reader<'_> {
    pub(super) fn step(&mut self, node: &Node) -> Option<Step> {
        let Value::Mapping(entries) = &node.value else {
            let span = self.short(node.span);
            self.found.push(diagnostics::not_a_step(node, span));
            return None;
        };
        let kind = self.action(node, entries)?;
        let fields = self.fields(node, kind.table())?;
        let action = match kind {
            ActionKind::Run => self.run(&fields),
            ActionKind::Copy => self.copy(&fields),
            ActionKind::Write => self.write(&fields),
            ActionKind::Mkdir => self.mkdir(&fields),
            ActionKind::Remove => self.remove(&fields),
            ActionKind::Symlink => self.symlink(&fields),
            ActionKind::Fetch => self.fetch(&fields),
            ActionKind::Git => self.git_step(&fields),
            ActionKind::Parallel => self.parallel(&fields),
            ActionKind::Use => self.template_use(&fields).map(Action::Use),
        };
        // Every step may have a name, except `symlink: …` and others that are read from the same table.
        let name = self.string_of(&fields, "name");
        Some(Step {
            span: node.span,
            name,
            condition: self.condition(&fields),
            action: action?,
        })
    }

    /// Finds the only key that determines the action of a step.
    fn action(&mut self, node: &Node, entries: &[Entry]) -> Option<ActionKind> {
        let action = |entry: &Entry| ActionKind::from_key(&entry.key.text);
        let mut actions = entries
            .iter()
            .filter_map(|entry| action(entry).map(|kind| (kind, entry)));
        match (actions.next(), actions.next()) {
            (Some((kind, entry)), None) => {
                if entry.value.is_null() {
                    self.missing_value(entry);
                    return None;
                }
                Some(kind)
            }
            (Some((_, first)), Some((_, second))) => {
                self.found.push(diagnostics::two_actions(
                    (&first.key.text, first.key.span),
                    (&second.key.text, second.key.span),
                ));
                None
            }
            (None, _) => {
                let key = entries.first().map(|entry| {
                    (
                        entry.key.text.as_str(),
                        entry.key.span,
                        entry.value.string(),
                    )
                });
                let span = self.short(node.span);
                self.found.push(diagnostics::no_action(key, span));
                None
            }
        }
    }

    fn parallel(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let node = fields.get(PARALLEL.main())?;
        let Value::Sequence(branches) = &node.value else {
            let span = self.short(node.span);
            self.found.push(diagnostics::not_a_list(
                "parallel",
                node.description(),
                span,
            ));
            return None;
        };
        let branches = branches.iter().map(|branch| match &branch.value {
            Value::Sequence(steps) => steps.iter().filter_map(|step| self.step(step)).collect(),
            // A branch with a single step may be written without a list.
            _ => self.step(branch).into_iter().collect(),
        });
        Some(Action::Parallel(branches.collect()))
    }

    fn run(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let command = self.command(fields.get(RUN.main())?, "run")?;
        Some(Action::Run(Box::new(Run {
            command,
            within: self.origin_of(fields, "in"),
            keep: self.string_of(fields, "keep"),
            settings: self.settings(fields),
            bind: self.items(fields, "bind", Reader::bind),
            tmpfs: self.items(fields, "tmpfs", Reader::tmpfs),
            outputs: self.named_texts(fields, "outputs"),
            hostname: self.string_of(fields, "hostname"),
            privileged: self.string_of(fields, "privileged"),
            devices: self.items(fields, "devices", Reader::device),
            cgroup_parent: self.string_of(fields, "cgroup-parent"),
            exit_codes: self.strings_of(fields, "exit-codes"),
            always: self.string_of(fields, "always"),
            every: self.string_of(fields, "every"),
            timeout: self.string_of(fields, "timeout"),
            retry: fields.get("retry").and_then(|node| self.retry(node)),
        })))
    }

    fn bind(&mut self, node: &Node) -> Option<Bind> {
        self.long_form(node, "bind", |path, span| Bind {
            span,
            paths: vec![path],
            ..Bind::default()
        })
    }

    fn retry(&mut self, node: &Node) -> Option<Retry> {
        self.long_form(node, "retry", |times, _| Retry {
            times: Some(times),
            ..Retry::default()
        })
    }

    fn tmpfs(&mut self, node: &Node) -> Option<Tmpfs> {
        self.long_form(node, "tmpfs", |to, span| Tmpfs {
            span,
            to: Some(to),
            ..Tmpfs::default()
        })
    }

    fn copy(&mut self, fields: &Fields<'_>) -> Option<Action> {
        Some(Action::Copy(Box::new(Copy {
            paths: self.paths(fields, &COPY)?,
            from: self.origin_of(fields, "from"),
            to: self.string_of(fields, "to"),
            include: self.strings_of(fields, "include"),
            exclude: self.strings_of(fields, "exclude"),
            parents: self.string_of(fields, "parents"),
            owner: self.string_of(fields, "owner"),
            mode: self.string_of(fields, "mode"),
            glob: self.string_of(fields, "glob"),
            follow: self.string_of(fields, "follow"),
            optional: self.string_of(fields, "optional"),
            unpack: self.string_of(fields, "unpack"),
            times: self.string_of(fields, "times"),
        })))
    }

    fn write(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let path = self.string_of(fields, WRITE.main());
        let owner = self.string_of(fields, "owner");
        let mode = self.string_of(fields, "mode");
        // An empty `content:` is an empty file, so the key matters, not its value.
        let value = |key| fields.entry(key).map(|entry| &entry.value);
        let content = if let Some(node) = value("content") {
            self.string(node, "content").map(Content::Text)
        } else if let Some(node) = value("json") {
            Some(Content::Json(self.data(node)))
        } else {
            value("yaml").map(|node| Content::Yaml(self.data(node)))
        };
        Some(Action::Write(Write {
            path: path?,
            content: content?,
            owner,
            mode,
        }))
    }

    pub(super) fn data(&mut self, node: &Node) -> Data {
        match &node.value {
            Value::Sequence(items) => {
                Data::List(items.iter().map(|item| self.data(item)).collect())
            }
            Value::Mapping(entries) => Data::Mapping(
                entries
                    .iter()
                    .map(|entry| (name(&entry.key), self.data(&entry.value)))
                    .collect(),
            ),
            Value::Scalar(scalar) => Data::Scalar(crate::expression::Text::read(
                scalar,
                self.source,
                self.language,
                self.found,
            )),
        }
    }

    fn mkdir(&mut self, fields: &Fields<'_>) -> Option<Action> {
        Some(Action::Mkdir(Mkdir {
            paths: self.paths(fields, &MKDIR)?,
            owner: self.string_of(fields, "owner"),
            mode: self.string_of(fields, "mode"),
        }))
    }

    fn remove(&mut self, fields: &Fields<'_>) -> Option<Action> {
        Some(Action::Remove(Remove {
            paths: self.paths(fields, &REMOVE)?,
            optional: self.string_of(fields, "optional"),
            glob: self.string_of(fields, "glob"),
        }))
    }

    fn symlink(&mut self, fields: &Fields<'_>) -> Option<Action> {
        let path = self.string_of(fields, SYMLINK.main());
        let owner = self.string_of(fields, "owner");
        let target = self.string_of(fields, "target");
        Some(Action::Symlink(Symlink {
            path: path?,
            target: target?,
            owner,
        }))
    }

    /// Reads the paths of an action.
    fn paths(
        &mut self,
        fields: &Fields<'_>,
        table: &Table,
    ) -> Option<Vec<crate::expression::Text>> {
        let paths = self.strings_of(fields, table.main());
        (!paths.is_empty()).then_some(paths)
    }
}
