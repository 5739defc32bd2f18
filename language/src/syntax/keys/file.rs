//! The keys of the file itself.

use super::Shape::{self, Either, Flag, Named, Record, TextMap, Texts};
use super::origin::SOURCE;
use super::record::record;
use super::{CACHE, DEFAULTS, LINT, SECRET, STAGE, TEMPLATE, Table, key};
use crate::expression::Text;
use crate::syntax::{Name, Origin};

/// The whole file.
pub static FILE: Table = Table {
    place: "a Stagefile",
    keys: &[
        key!(
            "args",
            Named(&Either(&Shape::Text, &Record(&ARG))),
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
            "imports",
            Named(&Either(&Shape::Text, &Record(&IMPORT))),
            "Other Stagefiles, by path in the build context or in long form. Use their templates, caches, secrets and stages as `NAME.item`.",
            example: "{ ci: build/common.yaml }"
        ),
        key!(
            "templates",
            Named(&Record(&TEMPLATE)),
            "Reusable steps and stages, with inputs.",
            example: "{ tools: { steps: [{ run: apk add --no-cache git make }] } }"
        ),
        key!(
            "defaults",
            Record(&DEFAULTS),
            "Default settings of the stages.",
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
            Shape::Text,
            "The stage to build when the client names none.",
            default: "the last one",
            example: "app"
        ),
        key!(
            "lint",
            Record(&LINT),
            "The levels of warnings, by code.",
            example: "{ unpinned-source: error, unused-template: off }"
        ),
    ],
};

record! {
    /// A build argument.
    pub struct Arg;
    /// A build argument's long form.
    pub static ARG: "a build argument";

    default: Option<Text> = string_of, key!(
        "default",
        Shape::Text,
        "Its value if the client gives none.",
        example: "\"22\""
    );
    description: Option<Text> = string_of, key!(
        "description",
        Shape::Text,
        "What it is for. Shown by `--call outline`.",
        example: "The version of Node"
    );
    required: Option<Text> = string_of, key!(
        "required",
        Flag,
        "`true`: the client must set it.",
        default: "`false`",
        example: "true"
    );
    values: Vec<Text> = strings_of, key!(
        "values",
        Texts,
        "The allowed values.",
        default: "any",
        example: "[stable, beta]"
    );
}

record! {
    /// Another file.
    pub struct Import at span;
    /// An import's long form.
    pub static IMPORT: "an import";

    path: Option<Text> = string_of, key!(
        "path",
        Shape::Text,
        "The path of the file. For a file on a server, the URL takes its place.",
        default: "`Stagefile`",
        example: "build/common.yaml"
    );
    from: Option<Origin> = origin_of, key!(
        "from",
        SOURCE,
        "Where the file comes from: a named context, an image, or a long form.",
        default: "where the importing file comes from, or the build context",
        example: "{ git: 'https://example.com/stagefiles.git', ref: v2 }"
    );
    args: Vec<(Name, Text)> = string_map_of, key!(
        "args",
        TextMap,
        "Its build arguments. The client's arguments reach it only if you pass them here.",
        example: "{ GO_VERSION: '1.22' }"
    );
}
