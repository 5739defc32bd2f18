//! Steps.

use std::time::Duration;

use stagefile_language::plan::{
    Action, Command, Copy, Fetch, IMAGE, Mode, Output, Owner, Run, Settings, Stage, Step,
};
use stagefile_language::value;

use super::Writer;
use super::keys::{Keys, duration, list, script, size, text};
use super::origins::of_git;
use super::rest;
use crate::convert::node::{Item, Node};

/// The default mode of a file.
const FILE_MODE: u32 = 0o644;
/// The default delay before a script is tried again.
const DELAY: Duration = Duration::from_secs(1);

impl Writer<'_> {
    pub(super) fn steps(&mut self, stage: &Stage, steps: &[Step]) -> Node {
        Node::Items(steps.iter().map(|step| self.step(stage, step)).collect())
    }

    fn step(&mut self, stage: &Stage, step: &Step) -> Item {
        let mut keys = Keys::default();
        match &step.action {
            Action::Run(run) => self.run(&mut keys, stage, run),
            Action::Copy(copy) => self.copy(&mut keys, copy),
            Action::Write(write) => {
                keys.text("write", &write.path);
                keys.text("content", &write.content);
                owner(&mut keys, write.owner.as_ref());
                keys.mode("mode", Some(write.mode).filter(|mode| *mode != FILE_MODE));
            }
            Action::Mkdir(mkdir) => {
                keys.add("mkdir", strings(&mkdir.paths));
                owner(&mut keys, mkdir.owner.as_ref());
                keys.mode("mode", mkdir.mode);
            }
            Action::Remove(remove) => {
                keys.add("remove", strings(&remove.paths));
                keys.flag("optional", remove.optional);
                keys.flag("glob", remove.glob);
            }
            Action::Symlink(link) => {
                keys.text("symlink", &link.path);
                keys.text("target", &link.target);
                owner(&mut keys, link.owner.as_ref());
            }
            Action::Parallel(branches) => {
                let branches = branches.iter().map(|branch| self.steps(stage, branch));
                keys.add("parallel", Node::List(branches.collect()));
            }
            Action::Fetch(fetch) => of_fetch(&mut keys, fetch),
            Action::Git(git) => {
                of_git(&git.source, &mut keys);
                keys.optional("to", git.to.as_ref());
            }
        }
        keys.optional("name", step.name.as_ref());
        Item {
            comments: vec![self.place(step.span, &step.uses)],
            entries: keys.0,
        }
    }

    fn run(&mut self, keys: &mut Keys, stage: &Stage, run: &Run) {
        keys.add("run", command(&run.command));
        let mut inherited = &stage.settings;
        let elsewhere;
        if let Some(within) = &run.within {
            keys.add(
                "in",
                self.source(&within.value)
                    .unwrap_or_else(|| text("context")),
            );
            // As in the planner.
            elsewhere = Settings {
                workdir: Some(IMAGE.to_owned()),
                user: Some("0".to_owned()),
                shell: None,
                caches: Vec::new(),
                mounts: Vec::new(),
                ..stage.settings.clone()
            };
            inherited = &elsewhere;
        }
        if !run.keep {
            keys.add("keep", Node::bare(false));
        }
        self.settings(keys, &stage.name, inherited, &run.settings);
        self.mounts_and_binds(keys, rest::mounts(inherited, &run.settings));
        let tmpfs = run.tmpfs.iter().map(|tmpfs| {
            if tmpfs.size == 0 {
                return text(&tmpfs.target);
            }
            let mut keys = Keys::default();
            keys.text("to", &tmpfs.target);
            keys.add("size", size(tmpfs.size));
            Node::Map(keys.0)
        });
        keys.list("tmpfs", tmpfs.collect());
        let mut outputs = Keys::default();
        for name in stage.outputs.names() {
            if let Some(Output::Run(number, path)) = stage.output(name)
                && *number == run.number
            {
                outputs.text(name, path);
            }
        }
        keys.map("outputs", outputs);
        keys.optional("hostname", run.hostname.as_ref());
        keys.flag("privileged", run.privileged.is_some());
        let devices = run.devices.iter().map(|device| {
            if !device.optional {
                return text(&device.name.value);
            }
            let mut keys = Keys::default();
            keys.text("name", &device.name.value);
            keys.flag("optional", true);
            Node::Map(keys.0)
        });
        keys.list("devices", devices.collect());
        let parent = run.cgroup_parent.as_ref();
        keys.optional("cgroup-parent", parent.map(|parent| &parent.value));
        keys.list("exit-codes", codes(&run.supervision.successes));
        keys.flag("always", run.always);
        keys.duration("every", run.every.unwrap_or_default());
        keys.duration("timeout", run.supervision.timeout.unwrap_or_default());
        if let Some(retry) = &run.supervision.retry {
            let mut again = Keys::default();
            again.number("times", Some(retry.times));
            if retry.delay != DELAY {
                again.add("delay", duration(retry.delay));
            }
            again.list("exit-codes", codes(&retry.after));
            keys.map("retry", again);
        }
    }

    fn copy(&mut self, keys: &mut Keys, copy: &Copy) {
        let paths = copy.paths.iter();
        let paths = paths.map(|path| text(&path.value)).collect();
        keys.add("copy", Node::one_or_list(paths));
        if let Some(from) = self.source(&copy.source.value) {
            keys.add("from", from);
        }
        keys.optional("to", copy.to.as_ref());
        keys.texts("include", &copy.include);
        keys.texts("exclude", &copy.exclude);
        keys.flag("parents", copy.parents);
        owner(keys, copy.owner.as_ref());
        match &copy.mode {
            None => {}
            Some(Mode::Octal(mode)) => keys.mode("mode", Some(*mode)),
            Some(Mode::Symbolic(changes)) => keys.text("mode", changes),
        }
        if !copy.glob {
            keys.add("glob", Node::bare(false));
        }
        keys.flag("follow", copy.follow);
        keys.flag("optional", copy.optional);
        keys.flag("unpack", copy.unpack);
        if let Some(times) = copy.times {
            keys.text("times", value::COPIED_TIMES.name(times));
        }
    }
}

/// Writes a command: a script, or a list.
pub(super) fn command(command: &Command) -> Node {
    match command {
        Command::Script(lines) => script(lines),
        Command::Arguments(words) => list(words),
    }
}

pub(super) fn owner(keys: &mut Keys, owner: Option<&Owner>) {
    if let Some(owner) = owner {
        keys.text("owner", &account(&owner.user, owner.group.as_deref()));
    }
}

pub(super) fn account(user: &str, group: Option<&str>) -> String {
    let group = group.map(|group| format!(":{group}"));
    user.to_owned() + &group.unwrap_or_default()
}

/// Writes a single string as it is, and several as a list.
fn strings(values: &[String]) -> Node {
    Node::one_or_list(values.iter().map(|value| text(value)).collect())
}

fn codes(codes: &[u8]) -> Vec<Node> {
    codes.iter().map(|code| Node::bare(*code)).collect()
}

fn of_fetch(keys: &mut Keys, fetch: &Fetch) {
    keys.text("fetch", &fetch.source.url);
    keys.optional("to", fetch.to.as_ref());
    if let Some(checksum) = &fetch.source.checksum {
        keys.text("checksum", checksum.as_str());
    }
    owner(keys, fetch.owner.as_ref());
    let mode = Some(fetch.mode).filter(|mode| *mode != FILE_MODE);
    keys.mode("mode", mode);
    keys.flag("unpack", fetch.source.unpack);
}
