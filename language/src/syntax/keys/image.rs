//! The keys of the image's config.

use super::Shape::{self, Either, Flag, Form, List, Named, OneOrMore, TextMap, Texts, Word};
use super::record::record;
use super::{Table, key};
use crate::expression::Text;
use crate::syntax::{Command, Name};
use crate::value::{ANNOTATED, COUNT, DURATION, NO_CHECK, OWNER, PORT, TIME};

record! {
    /// The config of an image, as far as the user writes it.
    pub struct Image;
    /// The image's config.
    pub static IMAGE: "`image`";

    user: Option<Text> = string_of, key!(
        "user",
        Form(&OWNER.form),
        "The user of the container.",
        default: "the stage's, initially the base's",
        example: "node"
    );
    workdir: Option<Text> = string_of, key!(
        "workdir",
        Shape::Text,
        "The directory that the container starts in.",
        default: "the stage's, initially the base's",
        example: "/app"
    );
    env: Vec<(Name, Option<Text>)> = overrides_of, key!(
        "env",
        TextMap,
        "Its variables, added to the base's. One without a value (`NAME:`) removes the base's.",
        default: "the base's",
        example: "{ NODE_ENV: production }"
    );
    entrypoint: Option<Command> = command_of, key!(
        "entrypoint",
        Texts,
        "The program: a list, or a string for the shell. Removes the base's `cmd`, unless `inherit: { cmd: true }` keeps it.",
        default: "the base's",
        example: "[node, server.js]"
    );
    cmd: Option<Command> = command_of, key!(
        "cmd",
        Texts,
        "Arguments, or the program: a list, or a string for the shell.",
        default: "the base's",
        example: "[--port, \"8080\"]"
    );
    shell: Option<Vec<Text>> = shell_of, key!(
        "shell",
        Texts,
        "The shell that runs commands written as strings.",
        default: "the base's, else `[/bin/sh, -c]`",
        example: "[/bin/bash, -c]"
    );
    expose: Vec<Text> = strings_of, key!(
        "expose",
        OneOrMore(&Form(&PORT.form)),
        "Ports: `8080`, `53/udp`, `8000-8010`.",
        default: "the base's",
        example: "[8080, 53/udp]"
    );
    volumes: Vec<Text> = strings_of, key!(
        "volumes",
        Texts,
        "Directories that hold data.",
        default: "the base's",
        example: "/data"
    );
    labels: Vec<(Name, Option<Text>)> = overrides_of, key!(
        "labels",
        TextMap,
        "Labels, added to the base's. One without a value (`NAME:`) removes the base's.",
        default: "the base's",
        example: "{ org.opencontainers.image.source: https://example.com/app }"
    );
    annotations: Vec<(Name, Annotation)> = annotations_of, key!(
        "annotations",
        Named(&Either(&Shape::Text, &Shape::Record(&ANNOTATION))),
        "Annotations of the image's manifest, or of other parts.",
        default: "those of the stage that it starts from",
        example: "{ org.opencontainers.image.title: app }"
    );
    healthcheck: Option<Healthcheck> = healthcheck_of, key!(
        "healthcheck",
        Either(&Either(&Word(NO_CHECK.names), &List(&Shape::Text)), &Shape::Record(&HEALTHCHECK)),
        "How to check that the container is healthy: a program as a list, or the long form. `none` removes the base's.",
        default: "the base's",
        example: "{ run: [node, health.js], interval: 30s }"
    );
    stop_signal: Option<Text> = string_of, key!(
        "stop-signal",
        Shape::Text,
        "The signal that stops the container.",
        default: "the base's, else `SIGTERM`",
        example: "SIGINT"
    );
    on_build: Vec<Text> = strings_of, key!(
        "on-build",
        Texts,
        "Dockerfile instructions for Dockerfiles based on this image.",
        default: "the base's",
        example: "RUN npm ci"
    );
    epoch: Option<Text> = string_of, key!(
        "epoch",
        Form(&TIME.form),
        "The time of the image and of the files that its build writes: seconds since 1970, or `2026-01-31` or `2026-01-31T12:00:00Z`. The client's `SOURCE_DATE_EPOCH` overrides it.",
        default: "that of the stage that it starts from, else the first second of 1980",
        example: "2026-01-31"
    );
    inherit: Option<Inherit> = inherit_of, key!(
        "inherit",
        Either(&Flag, &Shape::Record(&INHERIT)),
        "`false`: inherits nothing from the config of what the stage starts from. Or a mapping of keys, each `true` or `false`.",
        default: "`true`",
        example: "{ labels: false }"
    );
}

record! {
    /// An annotation.
    pub struct Annotation;
    /// An annotation's long form.
    pub static ANNOTATION: "an annotation";

    value: Option<Text> = string_of, key!(
        "value",
        Shape::Text,
        "Its value.",
        Required,
        example: "The web server"
    );
    at: Vec<Text> = strings_of, key!(
        "at",
        OneOrMore(&Word(ANNOTATED.names)),
        "What to annotate. Index annotations apply to builds for several platforms.",
        default: "`manifest`",
        example: "[manifest, index]"
    );
}

/// What an image takes from what its stage starts from.
pub static INHERIT: Table = Table {
    place: "`inherit`",
    keys: &[
        key!(
            "user",
            Flag,
            "`false`: not its user.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "workdir",
            Flag,
            "`false`: not its directory.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "env",
            Flag,
            "`false`: none of its variables; `PATH` is as in an image from scratch.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "entrypoint",
            Flag,
            "`false`: not its program.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "cmd",
            Flag,
            "`false`: not its arguments. `true`: even with a new `entrypoint`.",
            default: "`true` without a new `entrypoint`",
            example: "false"
        ),
        key!(
            "shell",
            Flag,
            "`false`: not its shell.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "expose",
            Flag,
            "`false`: none of its ports.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "volumes",
            Flag,
            "`false`: none of its volumes.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "labels",
            Flag,
            "`false`: none of its labels.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "annotations",
            Flag,
            "`false`: none of the annotations of the stage that this one starts from.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "healthcheck",
            Flag,
            "`false`: not its health check.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "stop-signal",
            Flag,
            "`false`: not its signal.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "on-build",
            Flag,
            "`false`: none of its instructions.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "epoch",
            Flag,
            "`false`: not the time of the stage that this one starts from.",
            default: "`true`",
            example: "false"
        ),
    ],
};

record! {
    /// How a health check is done.
    pub struct Check;
    /// A health check.
    pub static HEALTHCHECK: "`healthcheck`";

    run: Option<Command> = command_of, key!(
        "run",
        Texts,
        "The program: a list, or a string for the shell.",
        Required,
        example: "[node, health.js]"
    );
    interval: Option<Text> = string_of, key!(
        "interval",
        Form(&DURATION.form),
        "The time between two checks.",
        default: "the engine's",
        example: "30s"
    );
    timeout: Option<Text> = string_of, key!(
        "timeout",
        Form(&DURATION.form),
        "The time after which a check counts as failed.",
        default: "the engine's",
        example: "3s"
    );
    start_period: Option<Text> = string_of, key!(
        "start-period",
        Form(&DURATION.form),
        "The initial period in which failures don't count.",
        default: "the engine's",
        example: "10s"
    );
    start_interval: Option<Text> = string_of, key!(
        "start-interval",
        Form(&DURATION.form),
        "The time between two checks in that period.",
        default: "the engine's",
        example: "1s"
    );
    retries: Option<Text> = string_of, key!(
        "retries",
        Form(&COUNT.form),
        "How many failures make the container unhealthy.",
        default: "the engine's",
        example: "5"
    );
}

/// What an image takes from what its stage starts from.
#[derive(Debug)]
pub enum Inherit {
    /// All or nothing.
    All(Text),
    /// Part by part, by the keys of `image`.
    Parts(Vec<(&'static str, Text)>),
}

/// A health check.
#[derive(Debug)]
pub enum Healthcheck {
    /// A word: only `none` has a meaning.
    Word(Text),
    /// How it is done.
    Check(Box<Check>),
}
