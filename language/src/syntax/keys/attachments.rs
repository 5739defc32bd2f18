//! What steps are given besides their files: caches, secrets, agents, mounts.

use super::SOURCE;
use super::Shape::{self, Flag, Form, OneOrMore, Texts, Word};
use super::record::record;
use crate::expression::Text;
use crate::syntax::Origin;
use crate::value::{DURATION, EXIT_CODE, ID, IDENTIFIER, MOUNT_MODE, SHARING, SIZE, TIMES};

record! {
    /// A secret, which is a file for the steps that ask for it.
    pub struct Secret;
    /// A secret.
    pub static SECRET: "a secret";

    id: Option<Text> = string_of, key!(
        "id",
        Form(&IDENTIFIER.form),
        "The client's name for it: `--secret id=ID`. Required in a long form at a step, which has no name.",
        default: "its name",
        example: "npm-token"
    );
    target: Option<Text> = string_of, key!(
        "target",
        Shape::Text,
        "The file that scripts read it from.",
        default: "`/run/secrets/` and its name",
        example: "/root/.npmrc"
    );
    env: Option<Text> = string_of, key!(
        "env",
        Shape::Text,
        "The variable that scripts read it from. There is then no file, unless `target` is set too.",
        example: "NPM_TOKEN"
    );
    mode: Option<Text> = string_of, key!(
        "mode",
        Form(&MOUNT_MODE.form),
        "The file's mode, in octal.",
        default: "`0400`, or `0444` for a named user",
        example: "0440"
    );
    uid: Option<Text> = string_of, key!(
        "uid",
        Form(&ID.form),
        "The file's owner, as a number.",
        default: "the step's user if that is a number, else `0`",
        example: "1000"
    );
    gid: Option<Text> = string_of, key!(
        "gid",
        Form(&ID.form),
        "The file's group, as a number.",
        default: "the step's group if that is a number, else as `uid`",
        example: "1000"
    );
    optional: Option<Text> = string_of, key!(
        "optional",
        Flag,
        "`true`: if it is missing, the build continues without it.",
        default: "`false`",
        example: "true"
    );
    description: Option<Text> = string_of, key!(
        "description",
        Shape::Text,
        "What it is for. Shown by `--call outline`.",
        example: "Reads from the package registry"
    );
}

record! {
    /// A cache directory.
    pub struct Cache at span;
    /// A cache directory.
    pub static CACHE: "a cache";

    target: Option<Text> = string_of, key!(
        "target",
        Shape::Text,
        "The directory. A relative path starts at the workdir.",
        Required,
        example: "node_modules/.cache"
    );
    sharing: Option<Text> = string_of, key!(
        "sharing",
        Word(SHARING.names),
        "`shared` (builds write at the same time), `private` (each has its own) or `locked` (one after another).",
        default: "`shared`",
        example: "locked"
    );
    id: Option<Text> = string_of, key!(
        "id",
        Form(&IDENTIFIER.form),
        "Its identity on the daemon.",
        default: "its name (its target if inline), the platform, the owner and the project",
        example: "esbuild"
    );
    per: Vec<Text> = strings_of, key!(
        "per",
        Texts,
        "What has its own cache: each `project`, each `stage`, or each value of an expression, `${{ … }}`. `daemon`: all projects share it.",
        default: "`project`",
        example: "stage"
    );
    from: Option<Origin> = origin_of, key!(
        "from",
        SOURCE,
        "The initial content of a new cache: a stage, `stage.output`, an image, or `context`.",
        default: "nothing",
        example: "build.dist"
    );
    path: Option<Text> = string_of, key!(
        "path",
        Shape::Text,
        "The directory in `from`.",
        default: "all of it",
        example: "models/base"
    );
    mode: Option<Text> = string_of, key!(
        "mode",
        Form(&MOUNT_MODE.form),
        "The mode of a new directory, in octal.",
        default: "`0755`, or `0777` for a named user",
        example: "0700"
    );
    uid: Option<Text> = string_of, key!(
        "uid",
        Form(&ID.form),
        "The owner of a new directory, as a number.",
        default: "the step's user if that is a number, else `0`",
        example: "1000"
    );
    gid: Option<Text> = string_of, key!(
        "gid",
        Form(&ID.form),
        "The group of a new directory, as a number.",
        default: "the step's group if that is a number, else as `uid`",
        example: "1000"
    );
}

record! {
    /// An SSH agent.
    pub struct SshAgent at span;
    /// An SSH agent's long form.
    pub static SSH_AGENT: "an SSH agent";

    id: Option<Text> = string_of, key!(
        "id",
        Shape::Text,
        "The client's name for it: `--ssh ID`.",
        default: "`default`",
        example: "deploy"
    );
    target: Option<Text> = string_of, key!(
        "target",
        Shape::Text,
        "The path of the socket, which is also in `SSH_AUTH_SOCK`.",
        default: "one under `/run/buildkit`",
        example: "/run/ssh.sock"
    );
    mode: Option<Text> = string_of, key!(
        "mode",
        Form(&MOUNT_MODE.form),
        "The socket's mode, in octal.",
        default: "`0600`, or `0666` for a named user",
        example: "0660"
    );
    uid: Option<Text> = string_of, key!(
        "uid",
        Form(&ID.form),
        "The socket's owner, as a number.",
        default: "the step's user if that is a number, else `0`",
        example: "1000"
    );
    gid: Option<Text> = string_of, key!(
        "gid",
        Form(&ID.form),
        "The socket's group, as a number.",
        default: "the step's group if that is a number, else as `uid`",
        example: "1000"
    );
    optional: Option<Text> = string_of, key!(
        "optional",
        Flag,
        "`true`: if it is missing, the build continues without it.",
        default: "`false`",
        example: "true"
    );
}

record! {
    /// Files of elsewhere.
    pub struct Mount at span;
    /// A mount.
    pub static MOUNT: "a mount";

    from: Option<Origin> = origin_of, key!(
        "from",
        SOURCE,
        "Where the files come from: a stage, `stage.output`, an image, or `context`.",
        default: "`context`",
        example: "build.dist"
    );
    path: Option<Text> = string_of, key!(
        "path",
        Shape::Text,
        "The path in `from` that is mounted.",
        default: "all",
        example: "fixtures/small"
    );
    to: Option<Text> = string_of, key!(
        "to",
        Shape::Text,
        "Where it is mounted. A relative path starts at the workdir.",
        Required,
        example: "/fixtures"
    );
    rw: Option<Text> = string_of, key!(
        "rw",
        Flag,
        "`true`: scripts may write to it; what they write is discarded.",
        default: "`false`",
        example: "true"
    );
}

record! {
    /// Paths that a `run` sees.
    pub struct Bind at span;
    /// The long form of paths that are bound.
    pub static BIND: "a bind";

    paths: Vec<Text> = strings_of, key!(
        "paths",
        Texts,
        "The paths; `*`, `?` and `[…]` match in the context and in images.",
        Required,
        example: "[package.json, package-lock.json]"
    );
    from: Option<Origin> = origin_of, key!(
        "from",
        SOURCE,
        "Where they come from: a stage, `stage.output`, an image, or `context`.",
        default: "`context`",
        example: "build.dist"
    );
    to: Option<Text> = string_of, key!(
        "to",
        Shape::Text,
        "The directory under which they are mounted.",
        default: "the workdir",
        example: "/src"
    );
    include: Vec<Text> = strings_of, key!(
        "include",
        Texts,
        "Patterns of the files to mount from a directory.",
        default: "all",
        example: "[\"**/*.go\", go.mod]"
    );
    exclude: Vec<Text> = strings_of, key!(
        "exclude",
        Texts,
        "Patterns of the files to leave out.",
        example: "[docs, \"**/*.md\"]"
    );
    parents: Option<Text> = string_of, key!(
        "parents",
        Flag,
        "`true`: each path keeps its directories below `to`.",
        default: "`false`",
        example: "true"
    );
    glob: Option<Text> = string_of, key!(
        "glob",
        Flag,
        "`false`: `*`, `?` and `[` in paths are ordinary characters.",
        default: "`true`",
        example: "false"
    );
    rw: Option<Text> = string_of, key!(
        "rw",
        Flag,
        "`true`: scripts may write to it; what they write is discarded.",
        default: "`false`",
        example: "true"
    );
}

record! {
    /// When a program that fails is tried again.
    pub struct Retry;
    /// The long form of `retry`.
    pub static RETRY: "`retry`";

    times: Option<Text> = string_of, key!(
        "times",
        Form(&TIMES.form),
        "How many times to try again, from 1 to 100.",
        Required,
        example: "3"
    );
    delay: Option<Text> = string_of, key!(
        "delay",
        Form(&DURATION.form),
        "The wait before the first retry. It doubles each time, up to a minute.",
        default: "`1s`",
        example: "5s"
    );
    exit_codes: Vec<Text> = strings_of, key!(
        "exit-codes",
        OneOrMore(&Form(&EXIT_CODE.form)),
        "The exit codes after which to retry.",
        default: "all failures",
        example: "[1, 75]"
    );
}

record! {
    /// A directory in memory.
    pub struct Tmpfs at span;
    /// A temporary file system's long form.
    pub static TMPFS: "a tmpfs";

    to: Option<Text> = string_of, key!(
        "to",
        Shape::Text,
        "The directory.",
        Required,
        example: "/tmp"
    );
    size: Option<Text> = string_of, key!(
        "size",
        Form(&SIZE.form),
        "Its maximum size, in bytes or with `k`, `m`, `g`.",
        default: "no limit",
        example: "256m"
    );
}
