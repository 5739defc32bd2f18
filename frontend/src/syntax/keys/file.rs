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
            "Build arguments with their defaults; `--build-arg NAME=value` sets them, `${{ args.NAME }}` uses them."
        ),
        key!(
            "secrets",
            Named(&Record(&SECRET)),
            "Secrets that steps use by name."
        ),
        key!(
            "caches",
            Named(&Record(&CACHE)),
            "Cache directories that steps use by name."
        ),
        key!(
            "templates",
            Named(&Record(&TEMPLATE)),
            "Steps and stages for use in several places, with inputs."
        ),
        key!(
            "defaults",
            Record(&DEFAULTS),
            "What every stage starts from."
        ),
        key!("stages", Named(&Record(&STAGE)), "The stages, by name."),
        key!(
            "target",
            Text,
            "The stage that is built when the client names none. Default: the last one."
        ),
    ],
};

/// A build argument's long form.
pub static ARG: Table = Table {
    place: "a build argument",
    keys: &[
        key!("default", Text, "Its value when the client gives none."),
        key!(
            "description",
            Text,
            "What it is for; shown by `--call outline`."
        ),
        key!("required", Flag, "`true`: the client has to give it."),
        key!("values", Texts, "The values that it may have."),
    ],
};
