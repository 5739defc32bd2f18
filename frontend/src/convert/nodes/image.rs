//! The config of an image.

use super::super::model::{Healthcheck, Image, Program, Stage};
use super::super::node::{Entry, Node};
use super::super::settle::Settled;
use super::super::template::{Template, escaped};
use super::{Keys, push, text, variables, words};

pub(super) fn image(stage: &Stage, settled: &Settled, comments: &mut Keys) -> Vec<Entry> {
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

/// Formats nanoseconds.
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
