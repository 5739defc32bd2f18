//! The keys of the image's config.

use super::Shape::{
    Either, Flag, Form, List, Named, OneOrMore, Record, Text, TextMap, Texts, Word,
};
use super::{Table, key};
use crate::value::{ANNOTATED, COUNT, DURATION, NO_CHECK, OWNER, PORT, TIME};

/// The image's config.
pub static IMAGE: Table = Table {
    place: "`image`",
    keys: &[
        key!(
            "user",
            Form(&OWNER.form),
            "The user of the container.",
            default: "the stage's, which begins as the base's",
            example: "node"
        ),
        key!(
            "workdir",
            Text,
            "The directory that it starts in.",
            default: "the stage's, which begins as the base's",
            example: "/app"
        ),
        key!(
            "env",
            TextMap,
            "Its variables, added to the base's; one without a value (`NAME:`) drops the base's.",
            default: "the base's",
            example: "{ NODE_ENV: production }"
        ),
        key!(
            "entrypoint",
            Texts,
            "The program: a list, or a string for the shell. Drops the base's `cmd`, unless `inherit: { cmd: true }` keeps it.",
            default: "the base's",
            example: "[node, server.js]"
        ),
        key!(
            "cmd",
            Texts,
            "Arguments, or the program: a list, or a string for the shell.",
            default: "the base's",
            example: "[--port, \"8080\"]"
        ),
        key!(
            "shell",
            Texts,
            "The shell of text forms.",
            default: "the base's, else `[/bin/sh, -c]`",
            example: "[/bin/bash, -c]"
        ),
        key!(
            "expose",
            OneOrMore(&Form(&PORT.form)),
            "Ports: `8080`, `53/udp`, `8000-8010`.",
            default: "the base's",
            example: "[8080, 53/udp]"
        ),
        key!(
            "volumes",
            Texts,
            "Directories that hold data.",
            default: "the base's",
            example: "/data"
        ),
        key!(
            "labels",
            TextMap,
            "Labels, added to the base's; one without a value (`NAME:`) drops the base's.",
            default: "the base's",
            example: "{ org.opencontainers.image.source: https://example.com/app }"
        ),
        key!(
            "annotations",
            Named(&Either(&Text, &Record(&ANNOTATION))),
            "Annotations of the image's manifest, or of other parts.",
            default: "those of the stage that it starts from",
            example: "{ org.opencontainers.image.title: app }"
        ),
        key!(
            "healthcheck",
            Either(&Either(&Word(NO_CHECK.names), &List(&Text)), &Record(&HEALTHCHECK)),
            "How to see that it is well: a program as a list, or the long form; `none` drops the base's.",
            default: "the base's",
            example: "{ run: [node, health.js], interval: 30s }"
        ),
        key!(
            "stop-signal",
            Text,
            "The signal that stops it.",
            default: "the base's, else `SIGTERM`",
            example: "SIGINT"
        ),
        key!(
            "on-build",
            Texts,
            "Dockerfile instructions for images that a Dockerfile builds on this one.",
            default: "the base's",
            example: "RUN npm ci"
        ),
        key!(
            "epoch",
            Form(&TIME.form),
            "The time that the image and what its build writes have: seconds since 1970, or as `2026-01-31` or `2026-01-31T12:00:00Z`. The client's `SOURCE_DATE_EPOCH` goes before it.",
            default: "that of the stage that it starts from, else the first second of 1980",
            example: "2026-01-31"
        ),
        key!(
            "inherit",
            Either(&Flag, &Record(&INHERIT)),
            "`false`: nothing of the config of what the stage starts from; or a map of keys, each `true` or `false`.",
            default: "`true`",
            example: "{ labels: false }"
        ),
    ],
};

/// An annotation's long form.
pub static ANNOTATION: Table = Table {
    place: "an annotation",
    keys: &[
        key!(
            "value",
            Text,
            "Its value.",
            Required,
            example: "The web server"
        ),
        key!(
            "at",
            OneOrMore(&Word(ANNOTATED.names)),
            "What is annotated. What is about the index counts in builds for several platforms.",
            default: "`manifest`",
            example: "[manifest, index]"
        ),
    ],
};

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
            "`false`: not its arguments; `true`: also beside a new `entrypoint`.",
            default: "`true` without a new `entrypoint`",
            example: "false"
        ),
        key!(
            "shell",
            Flag,
            "`false`: not its shell of text forms.",
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

/// A health check.
pub static HEALTHCHECK: Table = Table {
    place: "`healthcheck`",
    keys: &[
        key!(
            "run",
            Texts,
            "The program: a list, or a string for the shell.",
            Required,
            example: "[node, health.js]"
        ),
        key!(
            "interval",
            Form(&DURATION.form),
            "The time between two checks.",
            default: "the engine's",
            example: "30s"
        ),
        key!(
            "timeout",
            Form(&DURATION.form),
            "When a check counts as failed.",
            default: "the engine's",
            example: "3s"
        ),
        key!(
            "start-period",
            Form(&DURATION.form),
            "How long failures don't count at first.",
            default: "the engine's",
            example: "10s"
        ),
        key!(
            "start-interval",
            Form(&DURATION.form),
            "The time between two checks in that period.",
            default: "the engine's",
            example: "1s"
        ),
        key!(
            "retries",
            Form(&COUNT.form),
            "How many failures make it unhealthy.",
            default: "the engine's",
            example: "5"
        ),
    ],
};
