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
            "A template that the stage starts as; what is written beside it comes on top, and its own steps follow.",
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
            "What its image is for and its steps run on: `target`, `build` (the daemon's own, which runs natively), or one such as `linux/arm64`.",
            default: "that of the stage that it starts from, else `target`",
            example: "build"
        ),
        key!(
            "description",
            Text,
            "What it is; shown by `--call targets`.",
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
            "What is done, in order.",
            example: "[{ copy: . }, { run: npm ci, caches: [npm] }]"
        ),
        key!(
            "requires",
            Texts,
            "Stages that must succeed before this one's result may be used. They run at the same time and leave nothing in it.",
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
            "Facts about the finished image that must hold before it may be used. They are checked at the same time, leave nothing in it, and need no shell in it.",
            example: "{ files: { /bin/sh: absent }, size: 50m }"
        ),
        key!(
            "reports",
            Named(&Text),
            "Names for paths that are worth having even when a `run` of the stage fails, such as test results: `--target STAGE@reports --output DIR` delivers them as `DIR/NAME/`, and succeeds.",
            example: "{ junit: build/test-results, coverage: coverage.html }"
        ),
        key!(
            "layers",
            Either(&Word(LAYERS.names), &List(&Record(&LAYER))),
            "How what the stage adds is cut into layers: `step` (one a step), `one`, or a list of groups, with a last layer for the rest.",
            default: "`step`",
            example: "one"
        ),
        key!(
            "image",
            Record(&IMAGE),
            "The config of the image that the stage makes.",
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
            "What history and progress output call it.",
            Required,
            example: "dependencies"
        ),
        key!(
            "paths",
            Texts,
            "What it holds of what the stage adds: paths, with all that is below them; `*`, `**`, `?` and `[…]` match. A path of several groups is in the first. Relative paths start at the workdir.",
            Required,
            example: "/app/node_modules"
        ),
    ],
};
