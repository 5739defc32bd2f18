//! What steps are given besides their files: caches, secrets, agents, mounts.

use super::Shape::{Flag, Form, OneOrMore, Text, Texts, Word};
use super::form::{DURATION, EXIT_CODE, ID, MODE, SIZE, TIMES};
use super::{SOURCE, Table, key};

/// A secret.
pub static SECRET: Table = Table {
    place: "a secret",
    keys: &[
        key!(
            "id",
            Text,
            "How the client calls it: `--secret id=ID`. Default: its name."
        ),
        key!(
            "target",
            Text,
            "The file that scripts read it from. Default: `/run/secrets/NAME`."
        ),
        key!(
            "env",
            Text,
            "The variable that scripts read it from; then there is no file, unless `target` is written too."
        ),
        key!(
            "mode",
            Form(&MODE),
            "The file's mode, in octal. Default: `0400`."
        ),
        key!(
            "uid",
            Form(&ID),
            "The file's owner, a number. Default: `0`."
        ),
        key!(
            "gid",
            Form(&ID),
            "The file's group, a number. Default: `0`."
        ),
        key!("optional", Flag, "`true`: the build goes on without it."),
        key!(
            "description",
            Text,
            "What it is for; shown by `--call outline`."
        ),
    ],
};

/// A cache directory.
pub static CACHE: Table = Table {
    place: "a cache",
    keys: &[
        key!(
            "target",
            Text,
            "The directory; required. A relative path starts at the workdir.",
            Required
        ),
        key!(
            "sharing",
            Word(&["shared", "private", "locked"]),
            "`shared` (default: builds write at the same time), `private` (each has its own) or `locked` (one after another)."
        ),
        key!(
            "id",
            Text,
            "What identifies it on the daemon. Default: its name (inline: its target), the platform, the owner and the project."
        ),
        key!(
            "per",
            Texts,
            "What divides it: `project` (default), `stage`, or a value, `${{ … }}`; `daemon`: all projects share it."
        ),
        key!(
            "from",
            SOURCE,
            "What it begins as when it is new: a stage, `stage.output`, an image, or `context`. Default: empty."
        ),
        key!("path", Text, "The directory of `from`. Default: all of it."),
        key!(
            "mode",
            Form(&MODE),
            "The mode of the directory when it is new, in octal. Default: `0755`."
        ),
        key!(
            "uid",
            Form(&ID),
            "The owner of the directory when it is new, a number. Default: the step's user."
        ),
        key!(
            "gid",
            Form(&ID),
            "The group of the directory when it is new, a number. Default: the step's user's."
        ),
    ],
};

/// An SSH agent's long form.
pub static SSH_AGENT: Table = Table {
    place: "an SSH agent",
    keys: &[
        key!(
            "id",
            Text,
            "How the client calls it: `--ssh ID`. Default: `default`."
        ),
        key!(
            "target",
            Text,
            "The socket. Default: one under `/run/buildkit`, which `SSH_AUTH_SOCK` names."
        ),
        key!(
            "mode",
            Form(&MODE),
            "The socket's mode, in octal. Default: `0600`."
        ),
        key!(
            "uid",
            Form(&ID),
            "The socket's owner, a number. Default: the step's user if that is a number, else `0`."
        ),
        key!(
            "gid",
            Form(&ID),
            "The socket's group, a number. Default: the step's group if that is a number, else `0`."
        ),
        key!("optional", Flag, "`true`: the build goes on without it."),
    ],
};

/// A mount.
pub static MOUNT: Table = Table {
    place: "a mount",
    keys: &[
        key!(
            "from",
            SOURCE,
            "Where the files are: a stage, `stage.output`, an image, or `context` (default)."
        ),
        key!("path", Text, "What of it is mounted. Default: all."),
        key!(
            "to",
            Text,
            "Where it is mounted; required. A relative path starts at the workdir.",
            Required
        ),
        key!(
            "rw",
            Flag,
            "`true`: scripts may write; what they write is thrown away."
        ),
    ],
};

/// The long form of paths that are bound.
pub static BIND: Table = Table {
    place: "a bind",
    keys: &[
        key!("paths", Texts, "The paths; required.", Required),
        key!(
            "from",
            SOURCE,
            "Where they are: a stage, `stage.output`, an image, or `context` (default)."
        ),
        key!(
            "to",
            Text,
            "The directory under which they are mounted. Default: the workdir."
        ),
        key!(
            "parents",
            Flag,
            "`true`: each path keeps its directories below `to`."
        ),
        key!(
            "rw",
            Flag,
            "`true`: scripts may write; what they write is thrown away."
        ),
    ],
};

/// The long form of `retry`.
pub static RETRY: Table = Table {
    place: "`retry`",
    keys: &[
        key!(
            "times",
            Form(&TIMES),
            "How many times it is tried again, from 1 to 100.",
            Required
        ),
        key!(
            "delay",
            Form(&DURATION),
            "The wait before the first time; it doubles with each, up to a minute. Default: `1s`."
        ),
        key!(
            "exit-codes",
            OneOrMore(&Form(&EXIT_CODE)),
            "Only after these exit codes. Default: after every failure."
        ),
    ],
};

/// A temporary file system's long form.
pub static TMPFS: Table = Table {
    place: "a tmpfs",
    keys: &[
        key!("to", Text, "The directory; required.", Required),
        key!(
            "size",
            Form(&SIZE),
            "The most that it holds, in bytes or with `k`, `m`, `g`. Default: no limit."
        ),
    ],
};
