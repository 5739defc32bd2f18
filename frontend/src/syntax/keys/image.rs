//! The keys of the image's config.

use super::Shape::{Either, Form, OneOrMore, Record, Text, TextMap, Texts};
use super::form::{COUNT, DURATION, OWNER, PORT};
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
        key!("env", TextMap, "Its variables, added to the base's."),
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
        key!("labels", TextMap, "Labels, added to the base's."),
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
