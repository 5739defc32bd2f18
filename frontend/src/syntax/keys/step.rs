//! The keys of steps.

use super::Shape::{Data, Either, Flag, Form, List, Named, OneOrMore, Record, Text, Texts, Word};
use super::form::{self, COPY_MODE, EXIT_CODE, LIMIT, MODE, TIMES};
use super::settings::{CACHES, ENV, HOSTS, MOUNTS, NETWORK, SECRETS, SHELL, SSH, USER, WORKDIR};
use super::{BIND, FETCH, GIT, Key, RETRY, SOURCE, TMPFS, Table, key};

/// Any step, for the JSON Schema: one action and its options.
pub static STEP: Table = Table {
    place: "a step",
    keys: &[
        key!(
            "run",
            Texts,
            "Runs a script (text) or a program with arguments (list).",
            OneOf
        ),
        key!("copy", Texts, "Copies paths into the stage.", OneOf),
        key!("write", Text, "Writes a file.", OneOf),
        key!(
            "mkdir",
            Texts,
            "Makes directories, with their parents.",
            OneOf
        ),
        key!("remove", Texts, "Removes files and directories.", OneOf),
        key!(
            "symlink",
            Text,
            "Makes a symbolic link at this path.",
            OneOf
        ),
        key!(
            "parallel",
            List(&OneOrMore(&Record(&STEP))),
            "Does branches of steps at the same time.",
            OneOf
        ),
        key!("use", Text, "Does the steps of a template.", OneOf),
        key!("fetch", Text, "Downloads a file.", OneOf),
        key!("git", Text, "Takes the files of a Git repository.", OneOf),
    ],
};

pub(super) const NAME: Key = key!("name", Text, "What the progress output calls the step.");

pub(super) const IF: Key = key!(
    "if",
    Text,
    "An expression; if it is false, the step is left out."
);

pub(super) const OWNER: Key = key!(
    "owner",
    Form(&form::OWNER),
    "The user, and after a colon the group: names of the stage's base, or numbers. Default: root for new files and those of a context; copies of others keep theirs."
);

/// A `run` step.
pub static RUN: Table = Table {
    place: "a `run` step",
    keys: &[
        key!(
            "run",
            Texts,
            "The script (text), or the program with its arguments (list). A script that begins with `#!` is run by that interpreter.",
            Required
        ),
        NAME,
        IF,
        WORKDIR,
        USER,
        ENV,
        SHELL,
        NETWORK,
        key!(
            "bind",
            OneOrMore(&Either(&Text, &Record(&BIND))),
            "Paths of the context, mounted read-only where `copy` would have put them; nothing enters a layer."
        ),
        CACHES,
        SECRETS,
        SSH,
        MOUNTS,
        HOSTS,
        key!(
            "tmpfs",
            OneOrMore(&Either(&Text, &Record(&TMPFS))),
            "Directories in memory."
        ),
        key!(
            "outputs",
            Named(&Text),
            "Names for directories that the step fills, used as `stage.output`; they are results of their own, not part of the stage."
        ),
        key!("hostname", Text, "The host name that the script sees."),
        key!(
            "privileged",
            Flag,
            "`true`: without a sandbox; needs `--allow security.insecure`."
        ),
        key!(
            "exit-codes",
            OneOrMore(&Form(&EXIT_CODE)),
            "The exit codes that count as success. Default: `0`."
        ),
        key!("always", Flag, "`true`: never taken from the cache."),
        key!(
            "timeout",
            Form(&LIMIT),
            "How long it may take, such as `10m`; then all that it started is ended, and the step fails."
        ),
        key!(
            "retry",
            Either(&Form(&TIMES), &Record(&RETRY)),
            "How many times it is tried again when it fails."
        ),
    ],
};

/// A `copy` step.
pub static COPY: Table = Table {
    place: "a `copy` step",
    keys: &[
        key!(
            "copy",
            Texts,
            "Paths; `*`, `?` and `[…]` match. A directory keeps its name; with `/` behind it, its content is meant.",
            Required
        ),
        key!(
            "from",
            SOURCE,
            "Where they are: a stage, `stage.output`, an image, or `context` (default)."
        ),
        key!(
            "to",
            Text,
            "Where they go: into it, if it ends with `/` or several paths are named; else under this name. Default: the workdir."
        ),
        key!(
            "include",
            Texts,
            "Patterns of what is copied of a directory. Default: all."
        ),
        key!("exclude", Texts, "Patterns of what isn't."),
        key!(
            "parents",
            Flag,
            "`true`: each path keeps its directories below `to`."
        ),
        OWNER,
        key!(
            "mode",
            Form(&COPY_MODE),
            "The mode of all that is copied, in octal (`0644`) or symbolic (`u=rwX,go=rX`). Default: as it is."
        ),
        key!(
            "follow",
            Flag,
            "`true`: a symbolic link that is named is copied as what it points to."
        ),
        key!("optional", Flag, "`true`: a pattern may match nothing."),
        key!("unpack", Flag, "`true`: archives are unpacked."),
        key!(
            "times",
            Word(&["fixed", "keep"]),
            "`fixed` (all copies have one time) or `keep` (each has its own). Default: `fixed`, but `keep` where a later script with a cache sees the copies."
        ),
        NAME,
        IF,
    ],
};

/// A `write` step.
pub static WRITE: Table = Table {
    place: "a `write` step",
    keys: &[
        key!("write", Text, "The file.", Required),
        key!("content", Text, "Its text.", OneOf),
        key!("json", Data, "Data that is written as JSON.", OneOf),
        OWNER,
        key!("mode", Form(&MODE), "The mode, in octal. Default: `0644`."),
        NAME,
        IF,
    ],
};

/// A `mkdir` step.
pub static MKDIR: Table = Table {
    place: "a `mkdir` step",
    keys: &[
        key!(
            "mkdir",
            Texts,
            "The directories; parents are made too.",
            Required
        ),
        OWNER,
        key!("mode", Form(&MODE), "The mode, in octal. Default: `0755`."),
        NAME,
        IF,
    ],
};

/// A `remove` step.
pub static REMOVE: Table = Table {
    place: "a `remove` step",
    keys: &[
        key!("remove", Texts, "The paths.", Required),
        key!("optional", Flag, "`true`: they need not exist."),
        key!("glob", Flag, "`true`: `*`, `?` and `[…]` match."),
        NAME,
        IF,
    ],
};

/// A `symlink` step.
pub static SYMLINK: Table = Table {
    place: "a `symlink` step",
    keys: &[
        key!("symlink", Text, "Where the link is.", Required),
        key!("target", Text, "What it points to; required.", Required),
        OWNER,
        NAME,
        IF,
    ],
};

/// A `parallel` step.
pub static PARALLEL: Table = Table {
    place: "a `parallel` step",
    keys: &[
        key!(
            "parallel",
            List(&OneOrMore(&Record(&STEP))),
            "Branches, each a list of steps. All start from the same files and run at the same time; of two that write one path the later counts.",
            Required
        ),
        NAME,
        IF,
    ],
};

/// A `use` step.
pub static USE: Table = Table {
    place: "a `use` step",
    keys: &[
        key!(
            "use",
            Text,
            "A template: of this file, `IMPORT.NAME`, or `std.NAME`.",
            Required
        ),
        key!("with", Named(&Data), "The template's inputs."),
        NAME,
        IF,
    ],
};

/// The kinds of step, by the key that says what is done.
pub static ACTIONS: [&Table; 10] = [
    &RUN, &COPY, &WRITE, &MKDIR, &REMOVE, &SYMLINK, &FETCH, &GIT, &PARALLEL, &USE,
];
