//! The keys of a stage.

use super::Shape::{Data, Either, List, Named, Record, Text, Texts, Word};
use super::settings::{CACHES, ENV, HOSTS, MOUNTS, NETWORK, SECRETS, SHELL, SSH, USER, WORKDIR};
use super::{ASSERT, IMAGE, LIMITS_KEY, SOURCE, STEP, Table, ULIMITS_KEY, key};
use crate::value::LAYERS;

/// A stage.
pub static STAGE: Table = Table {
    place: "a stage",
    keys: &[
        key!(
            "use",
            Text,
            "A template that the stage starts as. Keys next to `use` override or extend it, and the stage's own steps follow.",
            example: "service"
        ),
        key!(
            "with",
            Named(&Data),
            "The template's inputs.",
            example: "{ port: \"9090\" }"
        ),
        key!(
            "matrix",
            // Names that the user chooses, beside the keys of [`MATRIX`](super::MATRIX).
            Named(&Data),
            "Variables with lists of values: the stage exists once for each combination, as `STAGE-VALUE1-VALUE2`; `${{ matrix.NAME }}` is the value.",
            example: "{ node: [\"20\", \"22\"] }"
        ),
        key!(
            "if",
            Text,
            "An expression; if it is false, the stage does not exist.",
            example: "args.DEBUG == \"1\""
        ),
        key!(
            "from",
            SOURCE,
            "What it starts from: an image, another stage, `scratch`, or a long form.",
            default: "`scratch`",
            example: "node:22-slim"
        ),
        key!(
            "platform",
            Text,
            "The platform of its image and of its steps: `target`, `build` (the daemon's own, which runs natively), or one such as `linux/arm64`.",
            default: "that of the stage that it starts from, else `target`",
            example: "build"
        ),
        key!(
            "description",
            Text,
            "A description, shown by `--call targets`.",
            example: "The server, for production"
        ),
        WORKDIR,
        USER,
        ENV,
        SHELL,
        NETWORK,
        CACHES,
        SECRETS,
        SSH,
        MOUNTS,
        HOSTS,
        LIMITS_KEY,
        ULIMITS_KEY,
        key!(
            "steps",
            List(&Record(&STEP)),
            "The steps, run in order.",
            example: "[{ copy: . }, { run: npm ci, caches: [npm] }]"
        ),
        key!(
            "requires",
            Texts,
            "Stages that must succeed before this one's result can be used. They run at the same time and leave nothing in it.",
            example: "[test]"
        ),
        key!(
            "outputs",
            Named(&Text),
            "Names for paths of the finished stage, used as `stage.output`.",
            example: "{ dist: /app/dist }"
        ),
        key!(
            "assert",
            Record(&ASSERT),
            "Facts about the finished image that must hold before it can be used. The checks run at the same time, leave nothing in the image, and need no shell in it.",
            example: "{ files: { /bin/sh: absent }, size: 50m }"
        ),
        key!(
            "reports",
            Named(&Text),
            "Names for paths that you want even when a `run` of the stage fails, such as test results: `--target STAGE@reports --output DIR` writes them to `DIR/NAME/`, and succeeds.",
            example: "{ junit: build/test-results, coverage: coverage.html }"
        ),
        key!(
            "layers",
            Either(&Word(LAYERS.names), &List(&Record(&LAYER))),
            "How to split what the stage adds into layers: `step` (one per step), `one`, or a list of groups, with a last layer for the rest.",
            default: "`step`",
            example: "one"
        ),
        key!(
            "image",
            Record(&IMAGE),
            "The config of the stage's image.",
            example: "{ user: node, entrypoint: [node, server.js] }"
        ),
    ],
};

/// A layer of files that belong together.
pub static LAYER: Table = Table {
    place: "a layer",
    keys: &[
        key!(
            "name",
            Text,
            "Its name in the history and the progress output.",
            Required,
            example: "dependencies"
        ),
        key!(
            "paths",
            Texts,
            "The paths that go into this layer, with everything below them; `*`, `**`, `?` and `[…]` match. A path in several groups goes into the first. Relative paths start at the workdir.",
            Required,
            example: "/app/node_modules"
        ),
    ],
};
