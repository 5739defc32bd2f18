//! The keys of steps that copy, make and remove files.

use super::Shape::{Data, Flag, Form, Text, Texts, Word};
use super::step::{IF, NAME};
use super::{Key, SOURCE, Table, key};
use crate::value::{self, COPIED_TIMES, COPY_MODE, MODE};

pub(super) const OWNER: Key = key!(
    "owner",
    Form(&value::OWNER.form),
    "The user, and after a colon the group: names that the stage has at that step, or numbers. Parents that are made on the way are theirs, too.",
    default: "root for new files and those of a context; copies of others keep theirs",
    example: "node:node"
);

/// A `copy` step.
pub static COPY: Table = Table {
    place: "a `copy` step",
    keys: &[
        key!(
            "copy",
            Texts,
            "Paths; `*`, `?` and `[…]` match. A directory keeps its name; with a `/` at its end, its content is meant.",
            Required,
            example: "[src, package.json]"
        ),
        key!(
            "from",
            SOURCE,
            "Where they are: a stage, `stage.output`, an image, or `context`.",
            default: "`context`",
            example: "build.dist"
        ),
        key!(
            "to",
            Text,
            "Where they go: into it, if it ends with `/` or several paths are named; else under this name, which the only match of a pattern can have, too.",
            default: "the workdir",
            example: "/app/"
        ),
        key!(
            "include",
            Texts,
            "Patterns of what is copied of a directory.",
            default: "all",
            example: "[\"**/*.js\", package.json]"
        ),
        key!(
            "exclude",
            Texts,
            "Patterns of what isn't, as seen from a path and from the directory that it is in.",
            example: "[\"**/*.test.js\"]"
        ),
        key!(
            "parents",
            Flag,
            "`true`: each path keeps its directories below `to`.",
            default: "`false`",
            example: "true"
        ),
        OWNER,
        key!(
            "mode",
            Form(&COPY_MODE.form),
            "The mode of all that is copied, in octal (`0644`) or symbolic (`u=rwX,go=rX`).",
            default: "as it is",
            example: "u=rwX,go=rX"
        ),
        key!(
            "follow",
            Flag,
            "`true`: a symbolic link that is named is copied as what it points to; one that ends with `/` always is.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "optional",
            Flag,
            "`true`: paths need not be there, and patterns may match nothing.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "glob",
            Flag,
            "`false`: `*`, `?` and `[` in paths are characters like any other, as in `app/[slug]`.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "unpack",
            Flag,
            "`true`: archives are unpacked into the directory `to`.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "times",
            Word(COPIED_TIMES.names),
            "`fixed` (all copies have one time) or `keep` (each has its own).",
            default: "`fixed`, but `keep` where a later script with a cache sees the copies, and for files of images",
            example: "keep"
        ),
        NAME,
        IF,
    ],
};

/// A `write` step.
pub static WRITE: Table = Table {
    place: "a `write` step",
    keys: &[
        key!(
            "write",
            Text,
            "The file.",
            Required,
            example: "/etc/motd"
        ),
        key!(
            "content",
            Text,
            "Its text.",
            OneOf,
            example: "Welcome"
        ),
        key!(
            "json",
            Data,
            "Data that is written as JSON.",
            OneOf,
            example: "{ port: 8080, debug: false }"
        ),
        key!(
            "yaml",
            Data,
            "Data that is written as YAML.",
            OneOf,
            example: "{ port: 8080, hosts: [a, b] }"
        ),
        OWNER,
        key!(
            "mode",
            Form(&MODE.form),
            "The mode, in octal, setuid and setgid included.",
            default: "`0644`",
            example: "0600"
        ),
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
            Required,
            example: "[/var/lib/app, /var/log/app]"
        ),
        OWNER,
        key!(
            "mode",
            Form(&MODE.form),
            "The mode, in octal, setgid and sticky included; given, it counts for a directory that is there already, too.",
            default: "`0755`",
            example: "0750"
        ),
        NAME,
        IF,
    ],
};

/// A `remove` step.
pub static REMOVE: Table = Table {
    place: "a `remove` step",
    keys: &[
        key!(
            "remove",
            Texts,
            "The paths.",
            Required,
            example: "/usr/share/doc"
        ),
        key!(
            "optional",
            Flag,
            "`true`: they need not exist.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "glob",
            Flag,
            "`true`: `*`, `?` and `[…]` match.",
            default: "`false`",
            example: "true"
        ),
        NAME,
        IF,
    ],
};

/// A `symlink` step.
pub static SYMLINK: Table = Table {
    place: "a `symlink` step",
    keys: &[
        key!(
            "symlink",
            Text,
            "Where the link is.",
            Required,
            example: "/usr/bin/node"
        ),
        key!(
            "target",
            Text,
            "What it points to.",
            Required,
            example: "/usr/local/bin/node"
        ),
        OWNER,
        NAME,
        IF,
    ],
};
