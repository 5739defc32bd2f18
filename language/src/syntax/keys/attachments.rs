//! What steps are given besides their files: caches, secrets, agents, mounts.

use super::Shape::{Flag, Form, OneOrMore, Text, Texts, Word};
use super::{SOURCE, Table, key};
use crate::value::{DURATION, EXIT_CODE, ID, IDENTIFIER, MOUNT_MODE, SHARING, SIZE, TIMES};

/// A secret.
pub static SECRET: Table = Table {
    place: "a secret",
    keys: &[
        key!(
            "id",
            Form(&IDENTIFIER.form),
            "How the client calls it: `--secret id=ID`. A long form at a step needs it, since it has no name.",
            default: "its name",
            example: "npm-token"
        ),
        key!(
            "target",
            Text,
            "The file that scripts read it from.",
            default: "`/run/secrets/` and its name",
            example: "/root/.npmrc"
        ),
        key!(
            "env",
            Text,
            "The variable that scripts read it from; then there is no file, unless `target` is written too.",
            example: "NPM_TOKEN"
        ),
        key!(
            "mode",
            Form(&MOUNT_MODE.form),
            "The file's mode, in octal.",
            default: "`0400`; for a user with a name `0444`",
            example: "0440"
        ),
        key!(
            "uid",
            Form(&ID.form),
            "The file's owner, a number.",
            default: "the step's user if that is a number, else `0`",
            example: "1000"
        ),
        key!(
            "gid",
            Form(&ID.form),
            "The file's group, a number.",
            default: "the step's group if that is a number, else as `uid`",
            example: "1000"
        ),
        key!(
            "optional",
            Flag,
            "`true`: the build goes on without it.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "description",
            Text,
            "What it is for; shown by `--call outline`.",
            example: "Reads from the package registry"
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
            "The directory. A relative path starts at the workdir.",
            Required,
            example: "node_modules/.cache"
        ),
        key!(
            "sharing",
            Word(SHARING.names),
            "`shared` (builds write at the same time), `private` (each has its own) or `locked` (one after another).",
            default: "`shared`",
            example: "locked"
        ),
        key!(
            "id",
            Form(&IDENTIFIER.form),
            "What identifies it on the daemon.",
            default: "its name (inline: its target), the platform, the owner and the project",
            example: "esbuild"
        ),
        key!(
            "per",
            Texts,
            "What divides it: `project`, `stage`, or a value, `${{ … }}`; `daemon`: all projects share it.",
            default: "`project`",
            example: "stage"
        ),
        key!(
            "from",
            SOURCE,
            "What it begins as when it is new: a stage, `stage.output`, an image, or `context`.",
            default: "nothing",
            example: "build.dist"
        ),
        key!(
            "path",
            Text,
            "The directory of `from`.",
            default: "all of it",
            example: "models/base"
        ),
        key!(
            "mode",
            Form(&MOUNT_MODE.form),
            "The mode of the directory when it is new, in octal.",
            default: "`0755`, or `0777` if the step's user is a name",
            example: "0700"
        ),
        key!(
            "uid",
            Form(&ID.form),
            "The owner of the directory when it is new, a number.",
            default: "the step's user if that is a number, else `0`",
            example: "1000"
        ),
        key!(
            "gid",
            Form(&ID.form),
            "The group of the directory when it is new, a number.",
            default: "the step's user's if that is a number, else as `uid`",
            example: "1000"
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
            "How the client calls it: `--ssh ID`.",
            default: "`default`",
            example: "deploy"
        ),
        key!(
            "target",
            Text,
            "The socket, which `SSH_AUTH_SOCK` names.",
            default: "one under `/run/buildkit`",
            example: "/run/ssh.sock"
        ),
        key!(
            "mode",
            Form(&MOUNT_MODE.form),
            "The socket's mode, in octal.",
            default: "`0600`; for a user with a name `0666`",
            example: "0660"
        ),
        key!(
            "uid",
            Form(&ID.form),
            "The socket's owner, a number.",
            default: "the step's user if that is a number, else `0`",
            example: "1000"
        ),
        key!(
            "gid",
            Form(&ID.form),
            "The socket's group, a number.",
            default: "the step's group if that is a number, else as `uid`",
            example: "1000"
        ),
        key!(
            "optional",
            Flag,
            "`true`: the build goes on without it.",
            default: "`false`",
            example: "true"
        ),
    ],
};

/// A mount.
pub static MOUNT: Table = Table {
    place: "a mount",
    keys: &[
        key!(
            "from",
            SOURCE,
            "Where the files are: a stage, `stage.output`, an image, or `context`.",
            default: "`context`",
            example: "build.dist"
        ),
        key!(
            "path",
            Text,
            "What of it is mounted.",
            default: "all",
            example: "fixtures/small"
        ),
        key!(
            "to",
            Text,
            "Where it is mounted. A relative path starts at the workdir.",
            Required,
            example: "/fixtures"
        ),
        key!(
            "rw",
            Flag,
            "`true`: scripts may write; what they write is thrown away.",
            default: "`false`",
            example: "true"
        ),
    ],
};

/// The long form of paths that are bound.
pub static BIND: Table = Table {
    place: "a bind",
    keys: &[
        key!(
            "paths",
            Texts,
            "The paths; `*`, `?` and `[…]` match in the context and in images.",
            Required,
            example: "[package.json, package-lock.json]"
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
            "The directory under which they are mounted.",
            default: "the workdir",
            example: "/src"
        ),
        key!(
            "include",
            Texts,
            "Patterns of what is mounted of a directory.",
            default: "all",
            example: "[\"**/*.go\", go.mod]"
        ),
        key!(
            "exclude",
            Texts,
            "Patterns of what isn't.",
            example: "[docs, \"**/*.md\"]"
        ),
        key!(
            "parents",
            Flag,
            "`true`: each path keeps its directories below `to`.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "glob",
            Flag,
            "`false`: `*`, `?` and `[` in paths are characters like any other.",
            default: "`true`",
            example: "false"
        ),
        key!(
            "rw",
            Flag,
            "`true`: scripts may write; what they write is thrown away.",
            default: "`false`",
            example: "true"
        ),
    ],
};

/// The long form of `retry`.
pub static RETRY: Table = Table {
    place: "`retry`",
    keys: &[
        key!(
            "times",
            Form(&TIMES.form),
            "How many times it is tried again, from 1 to 100.",
            Required,
            example: "3"
        ),
        key!(
            "delay",
            Form(&DURATION.form),
            "The wait before the first time; it doubles with each, up to a minute.",
            default: "`1s`",
            example: "5s"
        ),
        key!(
            "exit-codes",
            OneOrMore(&Form(&EXIT_CODE.form)),
            "Only after these exit codes.",
            default: "every failure",
            example: "[1, 75]"
        ),
    ],
};

/// A temporary file system's long form.
pub static TMPFS: Table = Table {
    place: "a tmpfs",
    keys: &[
        key!(
            "to",
            Text,
            "The directory.",
            Required,
            example: "/tmp"
        ),
        key!(
            "size",
            Form(&SIZE.form),
            "The most that it holds, in bytes or with `k`, `m`, `g`.",
            default: "no limit",
            example: "256m"
        ),
    ],
};
