//! From stages and steps to the keys and values that say them.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{
    Action, Arg, Bind, Cache, CacheDirectory, Command, Copy, File, From, Healthcheck, Image,
    Install, Program, Run, Secret, Source, Ssh, Stage, Step,
};
use super::node::{Entry, Item, Node};
use super::settle::{Own, Settled, text_for};
use super::template::{Template, escaped};
use super::words::Variables;

/// What a file's stages are called, by their numbers.
pub(super) struct Names<'a> {
    names: Vec<&'a str>,
    all: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of_stages(stages: &'a [Stage]) -> Self {
        let names = || stages.iter().map(|stage| stage.name.as_str());
        Self {
            names: names().collect(),
            all: names().collect(),
        }
    }

    fn of(&self, index: usize) -> &str {
        self.names.get(index).copied().unwrap_or_default()
    }

    fn source(&self, source: &Source) -> Option<Node> {
        match source {
            Source::Context => None,
            Source::Stage(index) => Some(Node::text(self.of(*index))),
            Source::Image(image) => Some(self.image(image)),
        }
    }

    /// Names an image; one that is called as a later stage says that it is an image.
    fn image(&self, image: &Template) -> Node {
        let written = image.written();
        if self.all.contains(written.as_str()) {
            Node::Map(vec![Entry::new("image", Node::text(written))])
        } else {
            Node::text(written)
        }
    }
}

/// Makes the entries of a file.
pub(super) fn file(file: &File, settled: &[Settled]) -> Vec<Entry> {
    let names = Names::of_stages(&file.stages);
    let mut entries = Vec::new();
    if !file.args.is_empty() {
        let args: Vec<Entry> = file.args.iter().map(arg).collect();
        // Such as say more than a default have lines of their own.
        let are_short = args.iter().all(|arg| matches!(arg.value, Node::Text(_)));
        let args = if are_short {
            Node::Map(args)
        } else {
            Node::Block(args)
        };
        entries.push(Entry::new("args", args).spaced());
    }
    if !file.secrets.is_empty() {
        let secrets = file.secrets.iter().map(secret).collect();
        entries.push(Entry::new("secrets", Node::Block(secrets)).spaced());
    }
    let stages = file.stages.iter().zip(settled).map(|(stage, settled)| {
        let entry = Entry::new(
            stage.name.as_str(),
            Node::Block(self::stage(stage, settled, &names)),
        );
        entry.with_comments(&stage.comments).spaced()
    });
    entries.push(Entry::new("stages", Node::Block(stages.collect())).spaced());
    entries
}

fn arg(arg: &Arg) -> Entry {
    let default = Node::text(escaped(&arg.default));
    let value = if arg.description.is_empty() && !arg.required {
        default
    } else {
        let mut entries = Vec::new();
        push(
            &mut entries,
            "default",
            (!arg.default.is_empty()).then_some(default),
        );
        push(
            &mut entries,
            "description",
            (!arg.description.is_empty()).then(|| Node::text(escaped(&arg.description))),
        );
        switch(&mut entries, "required", arg.required);
        Node::Map(entries)
    };
    Entry::new(arg.name.as_str(), value).with_comments(&arg.comments)
}

fn secret(secret: &Secret) -> Entry {
    let mut entries = Vec::new();
    push(&mut entries, "id", secret.id.as_deref().map(Node::text));
    push(&mut entries, "target", secret.target.as_ref().map(text));
    push(&mut entries, "env", secret.env.as_deref().map(Node::text));
    permissions(&mut entries, secret.mode, secret.uid, secret.gid);
    if secret.optional {
        entries.push(Entry::new("optional", Node::bare(true)));
    }
    Entry::new(secret.name.as_str(), Node::Map(entries))
}

fn permissions(entries: &mut Vec<Entry>, mode: Option<u32>, uid: Option<u32>, gid: Option<u32>) {
    push(
        entries,
        "mode",
        mode.map(|mode| Node::Bare(format!("{mode:04o}"))),
    );
    push(entries, "uid", uid.map(Node::bare));
    push(entries, "gid", gid.map(Node::bare));
}

fn push(entries: &mut Vec<Entry>, key: &str, value: Option<Node>) {
    entries.extend(value.map(|value| Entry::new(key, value)));
}

fn text(template: &Template) -> Node {
    Node::text(template.written())
}

fn variables(variables: &Variables) -> Option<Node> {
    let entries = variables
        .iter()
        .map(|(name, value)| Entry::new(name, text(value)));
    (!variables.is_empty()).then(|| Node::Map(entries.collect()))
}

fn words(words: &[String]) -> Node {
    Node::List(words.iter().map(|word| Node::text(escaped(word))).collect())
}

/// Makes the entries of a stage.
fn stage(stage: &Stage, settled: &Settled, names: &Names<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut comments = Keys::new(stage);
    push(
        &mut entries,
        "description",
        (!stage.description.is_empty()).then(|| Node::text(escaped(&stage.description))),
    );
    entries.push(Entry::new(
        "from",
        match &stage.from {
            From::Scratch => Node::text("scratch"),
            From::Stage(index) => Node::text(names.of(*index)),
            From::Image(image) => names.image(image),
        },
    ));
    push(&mut entries, "platform", stage.platform.as_ref().map(text));
    comments.push(
        &mut entries,
        "workdir",
        "workdir",
        settled.workdir.as_ref().map(text),
    );
    comments.push(
        &mut entries,
        "user",
        "user",
        settled.user.as_ref().map(text),
    );
    let env_of_image = !settled.image_env.is_empty();
    let key = if env_of_image { "" } else { "env" };
    comments.push(&mut entries, key, "env", variables(&settled.env));
    let key = if stage.image.shell.is_some() {
        ""
    } else {
        "shell"
    };
    comments.push(
        &mut entries,
        key,
        "shell",
        settled.shell.as_deref().map(words),
    );
    push(&mut entries, "caches", caches(&stage.caches, names));
    let requires = stage
        .requires
        .iter()
        .map(|index| Node::text(names.of(*index)));
    let requires: Vec<Node> = requires.collect();
    comments.push(
        &mut entries,
        "requires",
        "requires",
        (!requires.is_empty()).then_some(Node::List(requires)),
    );
    let mut steps: Vec<Item> = stage
        .steps
        .iter()
        .zip(&settled.steps)
        .map(|(step, own)| self::step(step, own, settled, names))
        .collect();
    let image = image(stage, settled, &mut comments);
    // What no key was written for keeps its comments, where a reader comes upon them.
    let left = comments.left();
    if !left.is_empty() {
        match steps.first_mut() {
            Some(first) => {
                first.comments.splice(0..0, left);
            }
            None => {
                if let Some(first) = entries.first_mut() {
                    first.comments.extend(left);
                }
            }
        }
    }
    if !steps.is_empty() {
        entries.push(Entry::new("steps", Node::Items(steps)));
    }
    if !image.is_empty() {
        entries.push(Entry::new("image", Node::Map(image)).with_comments(&comments.take("image")));
    }
    entries
}

/// The comments of keys that are written once.
struct Keys {
    comments: BTreeMap<&'static str, Vec<String>>,
    /// Those of the key `image` itself.
    image: Vec<String>,
}

impl Keys {
    fn new(stage: &Stage) -> Self {
        let mut comments = stage.key_comments.clone();
        let image = comments.remove("image").unwrap_or_default();
        Self { comments, image }
    }

    fn take(&mut self, key: &str) -> Vec<String> {
        if key == "image" {
            return std::mem::take(&mut self.image);
        }
        self.comments.remove(key).unwrap_or_default()
    }

    /// Adds an entry with the comments of a key.
    fn push(&mut self, entries: &mut Vec<Entry>, of: &str, key: &str, value: Option<Node>) {
        if let Some(value) = value {
            let comments = self.take(of);
            entries.push(Entry::new(key, value).with_comments(&comments));
        }
    }

    fn left(&mut self) -> Vec<String> {
        std::mem::take(&mut self.comments)
            .into_values()
            .flatten()
            .collect()
    }
}

fn image(stage: &Stage, settled: &Settled, comments: &mut Keys) -> Vec<Entry> {
    let Image {
        entrypoint,
        cmd,
        shell,
        expose,
        volumes,
        labels,
        healthcheck,
        stop_signal,
        on_build,
        drops_triggers,
    } = &stage.image;
    let mut entries = Vec::new();
    let list = |items: &[Template]| {
        (!items.is_empty()).then(|| Node::List(items.iter().map(text).collect()))
    };
    comments.push(
        &mut entries,
        "user",
        "user",
        settled.image_user.as_ref().map(text),
    );
    comments.push(
        &mut entries,
        "workdir",
        "workdir",
        settled.image_workdir.as_ref().map(text),
    );
    comments.push(&mut entries, "env", "env", variables(&settled.image_env));
    comments.push(
        &mut entries,
        "entrypoint",
        "entrypoint",
        entrypoint.as_ref().map(program),
    );
    comments.push(&mut entries, "cmd", "cmd", cmd.as_ref().map(program));
    comments.push(
        &mut entries,
        "shell",
        "shell",
        shell.as_deref().map(|shell| words(shell)),
    );
    let ports = expose.iter().map(|port| match port.constant() {
        Some(port) if port.chars().all(|letter| letter.is_ascii_digit()) => {
            Node::Bare(port.to_owned())
        }
        _ => text(port),
    });
    let ports: Vec<Node> = ports.collect();
    comments.push(
        &mut entries,
        "expose",
        "expose",
        (!ports.is_empty()).then_some(Node::List(ports)),
    );
    comments.push(&mut entries, "volumes", "volumes", list(volumes));
    comments.push(&mut entries, "labels", "labels", variables(labels));
    comments.push(
        &mut entries,
        "healthcheck",
        "healthcheck",
        healthcheck.as_ref().map(self::healthcheck),
    );
    comments.push(
        &mut entries,
        "stop-signal",
        "stop-signal",
        stop_signal.as_ref().map(text),
    );
    let triggers = on_build.iter().map(|trigger| Node::text(escaped(trigger)));
    comments.push(
        &mut entries,
        "on-build",
        "on-build",
        (!on_build.is_empty()).then(|| Node::List(triggers.collect())),
    );
    let inherit =
        drops_triggers.then(|| Node::Map(vec![Entry::new("on-build", Node::bare(false))]));
    push(&mut entries, "inherit", inherit);
    entries
}

fn program(program: &Program) -> Node {
    match program {
        Program::Words(list) => words(list),
        Program::Line(line) => Node::text(escaped(line)),
    }
}

fn healthcheck(check: &Healthcheck) -> Node {
    let Healthcheck::Check {
        run,
        interval,
        timeout,
        start_period,
        start_interval,
        retries,
    } = check
    else {
        return Node::text("none");
    };
    let mut entries = vec![Entry::new("run", program(run))];
    for (key, value) in [
        ("interval", interval),
        ("timeout", timeout),
        ("start-period", start_period),
        ("start-interval", start_interval),
    ] {
        if *value != 0 {
            entries.push(Entry::new(key, Node::Bare(duration(*value))));
        }
    }
    if *retries != 0 {
        entries.push(Entry::new("retries", Node::bare(*retries)));
    }
    Node::Map(entries)
}

/// Writes nanoseconds.
fn duration(nanoseconds: i64) -> String {
    const SECOND: i64 = 1_000_000_000;
    for (unit, length) in [
        ("h", 3600 * SECOND),
        ("m", 60 * SECOND),
        ("s", SECOND),
        ("ms", SECOND / 1000),
    ] {
        if nanoseconds % length == 0 {
            return format!("{}{unit}", nanoseconds / length);
        }
    }
    format!("{}ms", nanoseconds / (SECOND / 1000))
}

fn caches(caches: &[Cache], names: &Names<'_>) -> Option<Node> {
    let list = caches.iter().map(|cache| match cache {
        Cache::Preset(name) => Node::text(*name),
        Cache::Directory(directory) => directory_of(directory, names),
    });
    (!caches.is_empty()).then(|| Node::List(list.collect()))
}

fn directory_of(cache: &CacheDirectory, names: &Names<'_>) -> Node {
    let mut entries = vec![Entry::new("target", text(&cache.target))];
    push(&mut entries, "sharing", cache.sharing.map(Node::text));
    push(&mut entries, "id", cache.id.as_ref().map(text));
    push(
        &mut entries,
        "from",
        cache.from.as_ref().and_then(|from| names.source(from)),
    );
    push(
        &mut entries,
        "path",
        (cache.path.len() > 0).then(|| text(&cache.path)),
    );
    permissions(&mut entries, cache.mode, cache.uid, cache.gid);
    Node::Map(entries)
}

/// Makes the entries of a step.
fn step(step: &Step, own: &Own, settled: &Settled, names: &Names<'_>) -> Item {
    let place = |to: Option<&Template>| to.and_then(|to| shortened(to, settled.directory()));
    let mut entries = Vec::new();
    match &step.action {
        Action::Run(run) => self::run(run, own, settled, names, &mut entries),
        Action::Copy(copy) => {
            self::copy(copy, place(copy.to.as_ref()).as_ref(), names, &mut entries);
        }
        Action::Write(write) => {
            let path =
                shortened(&write.path, settled.directory()).unwrap_or_else(|| write.path.clone());
            entries.push(Entry::new("write", text(&path)));
            entries.push(Entry::new("content", text(&write.content)));
            push(&mut entries, "owner", write.owner.as_ref().map(text));
            push(&mut entries, "mode", write.mode.as_ref().map(mode));
        }
        Action::Mkdir(path, owner) => {
            let path = shortened(path, settled.directory()).unwrap_or_else(|| path.clone());
            entries.push(Entry::new("mkdir", text(&path)));
            push(&mut entries, "owner", owner.as_ref().map(text));
        }
        Action::Fetch(fetch) => {
            entries.push(Entry::new("fetch", text(&fetch.url)));
            push(
                &mut entries,
                "to",
                place(fetch.to.as_ref()).as_ref().map(text),
            );
            push(&mut entries, "checksum", fetch.checksum.as_ref().map(text));
            push(&mut entries, "owner", fetch.owner.as_ref().map(text));
            push(&mut entries, "mode", fetch.mode.as_ref().map(mode));
            switch(&mut entries, "unpack", fetch.unpack);
        }
        Action::Git(git) => {
            entries.push(Entry::new("git", Node::text(escaped(&git.url))));
            push(
                &mut entries,
                "ref",
                git.reference
                    .as_deref()
                    .map(|reference| Node::text(escaped(reference))),
            );
            push(
                &mut entries,
                "to",
                place(git.to.as_ref()).as_ref().map(text),
            );
            push(
                &mut entries,
                "subdir",
                git.subdir
                    .as_deref()
                    .map(|subdir| Node::text(escaped(subdir))),
            );
            push(
                &mut entries,
                "checksum",
                git.checksum.as_deref().map(Node::text),
            );
            switch(&mut entries, "keep-git", git.keeps_directory);
            if !git.submodules {
                entries.push(Entry::new("submodules", Node::bare(false)));
            }
        }
        Action::Install(Install {
            template,
            packages,
            recommends,
        }) => {
            entries.push(Entry::new("use", Node::text(*template)));
            let packages = packages
                .iter()
                .map(|package| Node::text(escaped(package)))
                .collect();
            let mut with = vec![Entry::new("packages", Node::one_or_list(packages))];
            switch(&mut with, "recommends", *recommends);
            entries.push(Entry::new("with", Node::Map(with)));
        }
    }
    Item {
        comments: step.comments.clone(),
        entries,
    }
}

fn switch(entries: &mut Vec<Entry>, key: &str, on: bool) {
    if on {
        entries.push(Entry::new(key, Node::bare(true)));
    }
}

/// Writes a mode: octal digits as they are, with a zero in front.
fn mode(mode: &Template) -> Node {
    match mode.constant() {
        Some(digits) if digits.len() <= 4 && digits.chars().all(|digit| digit.is_digit(8)) => {
            Node::Bare(format!("{digits:0>4}"))
        }
        _ => text(mode),
    }
}

/// Returns a place as it is written in a stage that works in a directory: nothing for that directory itself.
fn shortened(to: &Template, directory: Option<&str>) -> Option<Template> {
    let Some(directory) = directory else {
        return Some(to.clone());
    };
    let start = to.start();
    let root = stagefile_text::paths::slashed(directory);
    if to.constant() == Some(root.as_str()) {
        return None;
    }
    match start.strip_prefix(root.as_str()) {
        // From the root everything is as short as it is, and clearer with its slash.
        Some(rest) if directory != "/" && !rest.is_empty() && !rest.starts_with('-') => {
            Some(to.without_start(root.len()))
        }
        _ => Some(to.clone()),
    }
}

fn copy(copy: &Copy, to: Option<&Template>, names: &Names<'_>, entries: &mut Vec<Entry>) {
    entries.push(Entry::new(
        "copy",
        Node::one_or_list(copy.paths.iter().map(text).collect()),
    ));
    push(entries, "from", names.source(&copy.from));
    push(entries, "to", to.map(text));
    let exclude: Vec<Node> = copy.exclude.iter().map(text).collect();
    push(
        entries,
        "exclude",
        (!exclude.is_empty()).then(|| Node::one_or_list(exclude)),
    );
    switch(entries, "parents", copy.parents);
    push(entries, "owner", copy.owner.as_ref().map(text));
    push(entries, "mode", copy.mode.as_ref().map(mode));
    switch(entries, "follow", copy.follow);
    switch(entries, "optional", copy.optional);
    switch(entries, "unpack", copy.unpack);
    push(
        entries,
        "times",
        copy.keeps_times.then(|| Node::Bare("keep".to_owned())),
    );
}

fn run(run: &Run, own: &Own, settled: &Settled, names: &Names<'_>, entries: &mut Vec<Entry>) {
    entries.push(Entry::new(
        "run",
        match &run.command {
            Command::Program(list) => words(list),
            Command::Script(script) => {
                let shell = own
                    .shell
                    .as_deref()
                    .or(settled.shell.as_deref())
                    .or(settled.left_shell());
                Node::Script(escaped(&text_for(script, shell)))
            }
        },
    ));
    push(entries, "bind", binds(&run.binds));
    let mounts = run.mounts.iter().map(|mount| {
        let mut entries = Vec::new();
        push(&mut entries, "from", names.source(&mount.from));
        push(
            &mut entries,
            "path",
            (mount.path.len() > 0).then(|| text(&mount.path)),
        );
        entries.push(Entry::new("to", text(&mount.to)));
        switch(&mut entries, "rw", mount.rw);
        Node::Map(entries)
    });
    let mounts: Vec<Node> = mounts.collect();
    push(
        entries,
        "mounts",
        (!mounts.is_empty()).then(|| Node::one_or_list(mounts)),
    );
    let tmpfs = run.tmpfs.iter().map(|(to, size)| {
        if *size == 0 {
            return text(to);
        }
        Node::Map(vec![
            Entry::new("to", text(to)),
            Entry::new("size", Node::bare(*size)),
        ])
    });
    let tmpfs: Vec<Node> = tmpfs.collect();
    push(
        entries,
        "tmpfs",
        (!tmpfs.is_empty()).then(|| Node::one_or_list(tmpfs)),
    );
    push(entries, "caches", caches(&run.caches, names));
    let secrets: Vec<Node> = run
        .secrets
        .iter()
        .map(|name| Node::text(name.as_str()))
        .collect();
    push(
        entries,
        "secrets",
        (!secrets.is_empty()).then_some(Node::List(secrets)),
    );
    let ssh: Vec<Node> = run.ssh.iter().map(self::ssh).collect();
    push(
        entries,
        "ssh",
        (!ssh.is_empty()).then(|| Node::one_or_list(ssh)),
    );
    push(entries, "env", variables(&own.env));
    push(entries, "workdir", own.workdir.as_ref().map(text));
    push(entries, "user", own.user.as_ref().map(text));
    push(entries, "shell", own.shell.as_deref().map(words));
    push(
        entries,
        "network",
        (run.network != "default").then(|| Node::text(run.network.as_str())),
    );
    switch(entries, "privileged", run.privileged);
    let devices = run.devices.iter().map(|(name, required)| {
        if *required {
            return Node::text(name.as_str());
        }
        Node::Map(vec![
            Entry::new("name", Node::text(name.as_str())),
            Entry::new("optional", Node::bare(true)),
        ])
    });
    let devices: Vec<Node> = devices.collect();
    push(
        entries,
        "devices",
        (!devices.is_empty()).then(|| Node::one_or_list(devices)),
    );
}

/// Writes binds: paths that have nothing else to say in one list.
fn binds(binds: &[Bind]) -> Option<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for bind in binds {
        if bind.exclude.is_empty() && !bind.rw {
            nodes.push(text(&bind.path));
            continue;
        }
        let mut entries = vec![Entry::new("paths", text(&bind.path))];
        let exclude: Vec<Node> = bind.exclude.iter().map(text).collect();
        push(
            &mut entries,
            "exclude",
            (!exclude.is_empty()).then(|| Node::one_or_list(exclude)),
        );
        switch(&mut entries, "rw", bind.rw);
        nodes.push(Node::Map(entries));
    }
    (!nodes.is_empty()).then(|| Node::one_or_list(nodes))
}

fn ssh(ssh: &Ssh) -> Node {
    let mut entries = vec![Entry::new(
        "id",
        ssh.id.as_ref().map_or_else(|| Node::text("default"), text),
    )];
    push(&mut entries, "target", ssh.target.as_ref().map(text));
    permissions(&mut entries, ssh.mode, ssh.uid, ssh.gid);
    switch(&mut entries, "optional", ssh.optional);
    Node::Map(entries)
}
