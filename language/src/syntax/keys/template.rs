//! The keys of templates and matrices.

use super::Shape::{
    Data, Either, Flag, List, Named, OneOrMore, Record, Text, TextMap, Texts, Word,
};
use super::{STAGE, STEP, Table, key};
use crate::value::INPUT_KIND;

/// A template.
pub static TEMPLATE: Table = Table {
    place: "a template",
    keys: &[
        key!(
            "description",
            Text,
            "What it is for.",
            example: "Installs packages"
        ),
        key!(
            "inputs",
            Named(&Either(&Text, &Record(&INPUT))),
            "Values that users pass in `with`. Use them as `${{ inputs.NAME }}`.",
            example: "{ packages: { type: list, required: true } }"
        ),
        key!(
            "stages",
            Named(&Record(&STAGE)),
            "Stages that the template's other stages and steps copy from and require. Each use has its own; from outside they are `USER.STAGE`.",
            example: "{ build: { use: std.go } }"
        ),
        key!(
            "steps",
            List(&Record(&STEP)),
            "Steps that replace a step with `use`.",
            OneOf,
            example: "[{ run: npm ci, caches: [npm] }]"
        ),
        key!(
            "stage",
            Record(&STAGE),
            "The stage that a stage with `use` starts as.",
            OneOf,
            example: "{ from: \"node:22-slim\", workdir: /app }"
        ),
    ],
};

/// An input of a template.
pub static INPUT: Table = Table {
    place: "an input",
    keys: &[
        key!(
            "type",
            Word(INPUT_KIND.names),
            "Its type.",
            default: "`string`",
            example: "list"
        ),
        key!(
            "required",
            Flag,
            "`true`: users must give it.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "default",
            Data,
            "Its value if users give none.",
            default: "the empty value of its type; `0` or `false`",
            example: "\"8080\""
        ),
        key!(
            "values",
            Texts,
            "The allowed values.",
            default: "any",
            example: "[debug, release]"
        ),
        key!(
            "description",
            Text,
            "What it is for.",
            example: "Names of packages"
        ),
    ],
};

/// What the combinations of a stage are made of: names that the user chooses, and these keys.
pub static MATRIX: Table = Table {
    place: "a matrix",
    keys: &[
        key!(
            "exclude",
            OneOrMore(&TextMap),
            "Combinations to leave out: those that match all values of an entry.",
            example: "{ node: \"20\", os: bookworm }"
        ),
        key!(
            "include",
            OneOrMore(&TextMap),
            "Combinations to add; each entry gives every variable.",
            example: "{ node: \"23\", os: trixie }"
        ),
    ],
};
