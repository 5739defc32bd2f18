//! Steps.

use super::super::model::{Action, Bind, Command, Copy, Install, Run, Ssh, Step};
use super::super::node::{Entry, Item, Node};
use super::super::settle::{Own, Settled, text_for};
use super::super::template::{Template, escaped};
use super::{Names, caches, permissions, push, switch, text, variables, words};

/// Creates the entries of a step.
pub(super) fn step(step: &Step, own: &Own, settled: &Settled, names: &Names<'_>) -> Item {
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

/// Writes a mode: octal digits unchanged, with a leading zero.
fn mode(mode: &Template) -> Node {
    match mode.constant() {
        Some(digits) if digits.len() <= 4 && digits.chars().all(|digit| digit.is_digit(8)) => {
            Node::Bare(format!("{digits:0>4}"))
        }
        _ => text(mode),
    }
}

/// Returns a destination as written in a stage with a working directory: `None` for that directory itself.
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
        // Below the root, a relative path is hardly shorter, and the slash makes it clearer.
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

/// Writes binds: paths without options in one list.
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
