//! The keys of the image's config.

use super::Shape::{Either, Flag, Form, Named, OneOrMore, Record, Text, TextMap, Texts, Word};
use super::form::{COUNT, DURATION, OWNER, PORT, TIME};
use super::{Table, key};

/// The image's config.
pub static IMAGE: Table = Table {
    place: "`image`",
    keys: &[
        key!(
            "user",
            Form(&OWNER),
            "The user of the container. Default: the stage's."
        ),
        key!(
            "workdir",
            Text,
            "The directory that it starts in. Default: the stage's."
        ),
        key!(
            "env",
            TextMap,
            "Its variables, added to the base's; one with nothing behind it (`NAME:`) drops the base's."
        ),
        key!(
            "entrypoint",
            Texts,
            "The program: a list, or a text for the shell. Drops the base's `cmd`."
        ),
        key!(
            "cmd",
            Texts,
            "Arguments, or the program: a list, or a text for the shell."
        ),
        key!(
            "shell",
            Texts,
            "The shell of text forms. Default: `/bin/sh -c`."
        ),
        key!(
            "expose",
            OneOrMore(&Form(&PORT)),
            "Ports: `8080`, `53/udp`, `8000-8010`."
        ),
        key!("volumes", Texts, "Directories that hold data."),
        key!(
            "labels",
            TextMap,
            "Labels, added to the base's; one with nothing behind it (`NAME:`) drops the base's."
        ),
        key!(
            "annotations",
            Named(&Either(&Text, &Record(&ANNOTATION))),
            "Annotations of the image's manifest, or of other parts."
        ),
        key!(
            "healthcheck",
            Either(&Text, &Record(&HEALTHCHECK)),
            "How to see that it is well; `none` drops the base's."
        ),
        key!(
            "stop-signal",
            Text,
            "The signal that stops it. Default: `SIGTERM`."
        ),
        key!(
            "on-build",
            Texts,
            "Dockerfile instructions for images that a Dockerfile builds on this one."
        ),
        key!(
            "epoch",
            Form(&TIME),
            "The time that the image and what its build writes have: seconds since 1970, or as `2026-01-31` or `2026-01-31T12:00:00Z`. The client's `SOURCE_DATE_EPOCH` goes before it."
        ),
        key!(
            "inherit",
            Either(&Flag, &Record(&INHERIT)),
            "`false`: nothing of the config of what the stage starts from; or a map of keys, each `true` or `false`. Default: all."
        ),
    ],
};

/// An annotation's long form.
pub static ANNOTATION: Table = Table {
    place: "an annotation",
    keys: &[
        key!("value", Text, "Its value; required.", Required),
        key!(
            "at",
            OneOrMore(&Word(&[
                "manifest",
                "index",
                "manifest-descriptor",
                "index-descriptor"
            ])),
            "What is annotated: `manifest` (default), `index`, `manifest-descriptor`, `index-descriptor`. What is about the index counts in builds for several platforms."
        ),
    ],
};

/// What an image takes from what its stage starts from.
pub static INHERIT: Table = Table {
    place: "`inherit`",
    keys: &[
        key!("user", Flag, "`false`: not its user."),
        key!("workdir", Flag, "`false`: not its directory."),
        key!(
            "env",
            Flag,
            "`false`: none of its variables; `PATH` is as in an image from scratch."
        ),
        key!("entrypoint", Flag, "`false`: not its program."),
        key!("cmd", Flag, "`false`: not its arguments."),
        key!("shell", Flag, "`false`: not its shell of text forms."),
        key!("expose", Flag, "`false`: none of its ports."),
        key!("volumes", Flag, "`false`: none of its volumes."),
        key!("labels", Flag, "`false`: none of its labels."),
        key!(
            "annotations",
            Flag,
            "`false`: none of the annotations of the stage that this one starts from."
        ),
        key!("healthcheck", Flag, "`false`: not its health check."),
        key!("stop-signal", Flag, "`false`: not its signal."),
        key!("on-build", Flag, "`false`: none of its instructions."),
        key!(
            "epoch",
            Flag,
            "`false`: not the time of the stage that this one starts from."
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
            "The program: a list, or a text for the shell; required.",
            Required
        ),
        key!(
            "interval",
            Form(&DURATION),
            "The time between two checks, such as `30s`. Default: the engine's."
        ),
        key!(
            "timeout",
            Form(&DURATION),
            "When a check counts as failed. Default: the engine's."
        ),
        key!(
            "start-period",
            Form(&DURATION),
            "How long failures don't count at first. Default: the engine's."
        ),
        key!(
            "start-interval",
            Form(&DURATION),
            "The time between two checks in that period. Default: the engine's."
        ),
        key!(
            "retries",
            Form(&COUNT),
            "How many failures make it unhealthy. Default: the engine's."
        ),
    ],
};
