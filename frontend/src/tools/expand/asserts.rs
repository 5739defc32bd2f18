//! Assertions about an image.

use stagefile_language::plan::{Asserted, FileFact, ImageFact, Run, Settings, Stage};
use stagefile_language::value;
use stagefile_runner::{Output, Wanted};

use super::Writer;
use super::keys::{Keys, list, literal, size, text};
use super::steps::{account, command};
use crate::convert::node::{Entry, Node};

impl Writer<'_> {
    pub(super) fn assertions(&mut self, stage: &Stage) -> Keys {
        let assertions = &stage.assertions;
        let mut keys = Keys::default();
        let mut files = of_files(&assertions.files);
        // Assertions about the whole image come last.
        let whole = files.0.pop_if(|entry| match &entry.value {
            Node::Map(facts) => entry.key == "/" && facts.len() == 1 && facts[0].key == "size",
            _ => false,
        });
        keys.map("files", files);
        let image = self.of_image(stage);
        keys.map("image", image);
        let commands = assertions.commands.iter();
        let commands = commands.map(|asserted| self.asserted_command(stage, &asserted.fact));
        let commands: Vec<Node> = commands.collect();
        if !commands.is_empty() {
            keys.add("commands", Node::List(commands));
        }
        if let Some(Node::Map(facts)) = whole.map(|entry| entry.value) {
            keys.0.extend(facts);
        }
        keys
    }

    fn of_image(&mut self, stage: &Stage) -> Keys {
        let mut keys = Keys::default();
        let (mut env, mut labels) = (Vec::new(), Vec::new());
        for asserted in &stage.assertions.image {
            let (key, node) = match &asserted.fact {
                ImageFact::User(user) => ("user", text(user)),
                ImageFact::Workdir(path) => ("workdir", text(path)),
                ImageFact::Env(name, value) => {
                    env.push((name.clone(), value.clone()));
                    continue;
                }
                ImageFact::Label(name, value) => {
                    labels.push((name.clone(), value.clone()));
                    continue;
                }
                ImageFact::Entrypoint(program) => ("entrypoint", command(program)),
                ImageFact::Cmd(program) => ("cmd", command(program)),
                ImageFact::Expose(ports) => ("expose", list(ports)),
                ImageFact::Volumes(paths) => ("volumes", list(paths)),
                ImageFact::StopSignal(signal) => ("stop-signal", text(signal)),
            };
            self.fact(&mut keys, stage, key, node);
        }
        for (key, facts) in [("env", env), ("labels", labels)] {
            let mut named = Keys::default();
            for (name, value) in facts {
                let node = value.map_or_else(|| Node::Bare(String::new()), |value| text(&value));
                self.fact(&mut named, stage, &name, node);
            }
            keys.map(key, named);
        }
        keys
    }

    /// Adds an assertion. A template and the stage that uses it may both make it, but not twice at the same location with
    /// different values.
    fn fact(&mut self, keys: &mut Keys, stage: &Stage, key: &str, node: Node) {
        match keys.0.iter().find(|entry| entry.key == key) {
            None => keys.add(key, node),
            Some(same) if same.value == node => {}
            Some(_) => {
                self.unwritable(format!(
                    "the stage `{}` asserts two values of its image's `{key}`",
                    stage.name
                ));
            }
        }
    }

    fn asserted_command(&mut self, stage: &Stage, run: &Run) -> Node {
        let mut keys = Keys::default();
        keys.add("run", command(&run.command));
        // Settings of the stage that apply to them, as in the planner.
        let inherited = Settings {
            shell: run.settings.shell.clone(),
            network: run.settings.network,
            hosts: run.settings.hosts.clone(),
            ..Settings::default()
        };
        self.settings(&mut keys, &stage.name, &inherited, &run.settings);
        keys.duration("timeout", run.supervision.timeout.unwrap_or_default());
        if let Some(expected) = &run.supervision.expectation {
            let code = Some(expected.exit_code).filter(|code| *code != 0);
            keys.number("exit-code", code);
            for (key, output) in [("stdout", &expected.stdout), ("stderr", &expected.stderr)] {
                let Output { equals, contains } = output;
                let Some(equals) = equals else {
                    keys.texts(key, contains);
                    continue;
                };
                let mut facts = Keys::default();
                facts.text("equals", equals);
                facts.texts("contains", contains);
                keys.map(key, facts);
            }
        }
        Node::Map(keys.0)
    }
}

/// Writes assertions about files in order. A repeated path, or one with more assertions than its mapping can have, gets a key of
/// its own, with an empty expression in it.
fn of_files(facts: &[Asserted<FileFact>]) -> Keys {
    let mut files: Vec<(&str, Node, usize)> = Vec::new();
    for FileFact { path, wanted } in facts.iter().map(|asserted| &asserted.fact) {
        let (rank, node) = of_file(wanted);
        let last = files.last_mut();
        if let Some((_, Node::Map(entries), reached)) = last.filter(|last| last.0 == path.as_str())
            && let Node::Map(mut more) = node.clone()
            && let Some(more) = more.pop()
            && add(entries, more, rank, *reached)
        {
            *reached = rank;
            continue;
        }
        files.push((path, node, rank));
    }
    let mut keys = Keys::default();
    let mut seen = std::collections::HashMap::new();
    for (path, node, _) in files {
        let count: &mut usize = seen.entry(path).or_default();
        let key = literal(path) + &"${{ \"\" }}".repeat(*count);
        *count += 1;
        keys.add(&key, node);
    }
    keys
}

/// Adds an assertion to a mapping, if it comes after all others there; the order is that of the planner.
fn add(entries: &mut Vec<Entry>, more: Entry, rank: usize, reached: usize) -> bool {
    if rank > reached {
        entries.push(more);
        return true;
    }
    // There may be several strings that a file contains.
    let last = entries.last_mut();
    let Some(last) = last.filter(|last| last.key == more.key && more.key == "contains") else {
        return false;
    };
    let earlier = std::mem::replace(&mut last.value, Node::List(Vec::new()));
    last.value = match earlier {
        Node::List(mut items) => {
            items.push(more.value);
            Node::List(items)
        }
        one => Node::List(vec![one, more.value]),
    };
    true
}

/// Writes one assertion about a file, with its rank in the order.
fn of_file(wanted: &Wanted) -> (usize, Node) {
    let mut keys = Keys::default();
    let rank = match wanted {
        Wanted::Exists => return (0, text("exists")),
        Wanted::Absent => return (0, text("absent")),
        Wanted::Kind(kind) => {
            keys.text("type", value::FILE_KIND.name(*kind));
            1
        }
        Wanted::Mode(mode) => {
            keys.mode("mode", Some(*mode));
            2
        }
        Wanted::Owner { user, group } => {
            keys.text("owner", &account(user, group.as_deref()));
            3
        }
        Wanted::Contains(part) => {
            keys.text("contains", part);
            4
        }
        Wanted::Sha256(digest) => {
            keys.text("sha256", digest);
            5
        }
        Wanted::Symlink(target) => {
            keys.text("symlink", target);
            6
        }
        Wanted::AtMost(size) => {
            keys.add("size", self::size(*size));
            7
        }
    };
    (rank, Node::Map(keys.0))
}
