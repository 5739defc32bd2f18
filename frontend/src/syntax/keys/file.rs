//! The keys of the file itself.

use super::Shape::{Either, Flag, Named, Record, Text, Texts};
use super::{CACHE, DEFAULTS, SECRET, STAGE, TEMPLATE, Table, key};

/// The whole file.
pub static FILE: Table = Table {
    place: "a Stagefile",
    keys: &[
        key!(
            "args",
            Named(&Either(&Text, &Record(&ARG))),
            "Build arguments with their defaults; `--build-arg NAME=value` sets them, `${{ args.NAME }}` uses them.",
            example: "{ NODE_VERSION: \"22\" }"
        ),
        key!(
            "secrets",
            Named(&Record(&SECRET)),
            "Secrets that steps use by name.",
            example: "{ npmrc: { target: /root/.npmrc } }"
        ),
        key!(
            "caches",
            Named(&Record(&CACHE)),
            "Cache directories that steps use by name.",
            example: "{ models: { target: /srv/models } }"
        ),
        key!(
            "templates",
            Named(&Record(&TEMPLATE)),
            "Steps and stages for use in several places, with inputs.",
            example: "{ tools: { steps: [{ run: apk add --no-cache git make }] } }"
        ),
        key!(
            "defaults",
            Record(&DEFAULTS),
            "What every stage starts from.",
            example: "{ workdir: /app, caches: [npm] }"
        ),
        key!(
            "stages",
            Named(&Record(&STAGE)),
            "The stages, by name.",
            example: "{ app: { from: \"node:22-slim\" } }"
        ),
        key!(
            "target",
            Text,
            "The stage that is built when the client names none.",
            default: "the last one",
            example: "app"
        ),
    ],
};

/// A build argument's long form.
pub static ARG: Table = Table {
    place: "a build argument",
    keys: &[
        key!(
            "default",
            Text,
            "Its value when the client gives none.",
            example: "\"22\""
        ),
        key!(
            "description",
            Text,
            "What it is for; shown by `--call outline`.",
            example: "The version of Node"
        ),
        key!(
            "required",
            Flag,
            "`true`: the client has to give it.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "values",
            Texts,
            "The values that it may have.",
            default: "any",
            example: "[stable, beta]"
        ),
    ],
};
