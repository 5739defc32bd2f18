//! The keys of steps that copy, make and remove files.

use super::Shape::{Data, Flag, Form, Text, Texts, Word};
use super::step::{IF, NAME};
use super::{Key, SOURCE, Table, key};
use crate::value::{self, COPIED_TIMES, COPY_MODE, MODE};

pub(super) const OWNER: Key = key!(
    "owner",
    Form(&value::OWNER.form),
    "The user and, after a colon, the group: names that the stage has at that step, or numbers. They also own parents that are created.",
    default: "root for new files and files from a context; other copies keep theirs",
    example: "node:node"
);

/// A `copy` step.
pub static COPY: Table = Table {
    place: "a `copy` step",
    keys: &[
        key!(
            "copy",
            Texts,
            "Paths; `*`, `?` and `[…]` match. A directory keeps its name; a trailing `/` means its content.",
            Required,
            example: "[src, package.json]"
        ),
        key!(
            "from",
            SOURCE,
            "Where they come from: a stage, `stage.output`, an image, or `context`.",
            default: "`context`",
            example: "build.dist"
        ),
        key!(
            "to",
            Text,
            "The destination: a directory if it ends with `/` or several paths are given; otherwise the path of the copy, also for a pattern with a single match.",
            default: "the workdir",
            example: "/app/"
        ),
        key!(
            "include",
            Texts,
            "Patterns of the files to copy from a directory.",
            default: "all",
            example: "[\"**/*.js\", package.json]"
        ),
        key!(
            "exclude",
            Texts,
            "Patterns of the files to leave out, relative to a path or to its parent directory.",
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
            "The mode of everything copied, in octal (`0644`) or symbolic (`u=rwX,go=rX`).",
            default: "as it is",
            example: "u=rwX,go=rX"
        ),
        key!(
            "follow",
            Flag,
            "`true`: copies what a named symbolic link points to. A link that ends with `/` is always followed.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "optional",
            Flag,
            "`true`: paths may be missing, and patterns may match nothing.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "glob",
            Flag,
            "`false`: `*`, `?` and `[` in paths are ordinary characters, as in `app/[slug]`.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "unpack",
            Flag,
            "`true`: unpacks archives into the directory `to`.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "times",
            Word(COPIED_TIMES.names),
            "`fixed` (all copies get the same time) or `keep` (each keeps its own).",
            default: "`fixed`, but `keep` if a later script with a cache sees the copies, and for files from images",
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
            "The path of the file.",
            Required,
            example: "/etc/motd"
        ),
        key!(
            "content",
            Text,
            "The text of the file.",
            OneOf,
            example: "Welcome"
        ),
        key!(
            "json",
            Data,
            "Data to write as JSON.",
            OneOf,
            example: "{ port: 8080, debug: false }"
        ),
        key!(
            "yaml",
            Data,
            "Data to write as YAML.",
            OneOf,
            example: "{ port: 8080, hosts: [a, b] }"
        ),
        OWNER,
        key!(
            "mode",
            Form(&MODE.form),
            "The mode in octal, including setuid and setgid.",
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
            "The directories; parents are created too.",
            Required,
            example: "[/var/lib/app, /var/log/app]"
        ),
        OWNER,
        key!(
            "mode",
            Form(&MODE.form),
            "The mode in octal, including setgid and sticky. If given, it also applies to a directory that already exists.",
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
            "`true`: the paths need not exist.",
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
            "The path of the link.",
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
