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
        "How the client calls it: `--secret id=ID`. A long form at a step needs it, since it has no name.",
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
        "The variable that scripts read it from; then there is no file, unless `target` is written too.",
        example: "NPM_TOKEN"
    );
    mode: Option<Text> = string_of, key!(
        "mode",
        Form(&MOUNT_MODE.form),
        "The file's mode, in octal.",
        default: "`0400`; for a user with a name `0444`",
        example: "0440"
    );
    uid: Option<Text> = string_of, key!(
        "uid",
        Form(&ID.form),
        "The file's owner, a number.",
        default: "the step's user if that is a number, else `0`",
        example: "1000"
    );
    gid: Option<Text> = string_of, key!(
        "gid",
        Form(&ID.form),
        "The file's group, a number.",
        default: "the step's group if that is a number, else as `uid`",
        example: "1000"
    );
    optional: Option<Text> = string_of, key!(
        "optional",
        Flag,
        "`true`: the build goes on without it.",
        default: "`false`",
        example: "true"
    );
    description: Option<Text> = string_of, key!(
        "description",
        Shape::Text,
        "What it is for; shown by `--call outline`.",
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
        "What identifies it on the daemon.",
        default: "its name (inline: its target), the platform, the owner and the project",
        example: "esbuild"
    );
    per: Vec<Text> = strings_of, key!(
        "per",
        Texts,
        "What divides it: `project`, `stage`, or a value, `${{ … }}`; `daemon`: all projects share it.",
        default: "`project`",
        example: "stage"
    );
    from: Option<Origin> = origin_of, key!(
        "from",
        SOURCE,
        "What it begins as when it is new: a stage, `stage.output`, an image, or `context`.",
        default: "nothing",
        example: "build.dist"
    );
    path: Option<Text> = string_of, key!(
        "path",
        Shape::Text,
        "The directory of `from`.",
        default: "all of it",
        example: "models/base"
    );
    mode: Option<Text> = string_of, key!(
        "mode",
        Form(&MOUNT_MODE.form),
        "The mode of the directory when it is new, in octal.",
        default: "`0755`, or `0777` if the step's user is a name",
        example: "0700"
    );
    uid: Option<Text> = string_of, key!(
        "uid",
        Form(&ID.form),
        "The owner of the directory when it is new, a number.",
        default: "the step's user if that is a number, else `0`",
        example: "1000"
    );
    gid: Option<Text> = string_of, key!(
        "gid",
        Form(&ID.form),
        "The group of the directory when it is new, a number.",
        default: "the step's user's if that is a number, else as `uid`",
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
        "How the client calls it: `--ssh ID`.",
        default: "`default`",
        example: "deploy"
    );
    target: Option<Text> = string_of, key!(
        "target",
        Shape::Text,
        "The socket, which `SSH_AUTH_SOCK` names.",
        default: "one under `/run/buildkit`",
        example: "/run/ssh.sock"
    );
    mode: Option<Text> = string_of, key!(
        "mode",
        Form(&MOUNT_MODE.form),
        "The socket's mode, in octal.",
        default: "`0600`; for a user with a name `0666`",
        example: "0660"
    );
    uid: Option<Text> = string_of, key!(
        "uid",
        Form(&ID.form),
        "The socket's owner, a number.",
        default: "the step's user if that is a number, else `0`",
        example: "1000"
    );
    gid: Option<Text> = string_of, key!(
        "gid",
        Form(&ID.form),
        "The socket's group, a number.",
        default: "the step's group if that is a number, else as `uid`",
        example: "1000"
    );
    optional: Option<Text> = string_of, key!(
        "optional",
        Flag,
        "`true`: the build goes on without it.",
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
        "Where the files are: a stage, `stage.output`, an image, or `context`.",
        default: "`context`",
        example: "build.dist"
    );
    path: Option<Text> = string_of, key!(
        "path",
        Shape::Text,
        "What of it is mounted.",
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
        "`true`: scripts may write; what they write is thrown away.",
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
        "Where they are: a stage, `stage.output`, an image, or `context`.",
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
        "Patterns of what is mounted of a directory.",
        default: "all",
        example: "[\"**/*.go\", go.mod]"
    );
    exclude: Vec<Text> = strings_of, key!(
        "exclude",
        Texts,
        "Patterns of what isn't.",
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
        "`false`: `*`, `?` and `[` in paths are characters like any other.",
        default: "`true`",
        example: "false"
    );
    rw: Option<Text> = string_of, key!(
        "rw",
        Flag,
        "`true`: scripts may write; what they write is thrown away.",
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
        "How many times it is tried again, from 1 to 100.",
        Required,
        example: "3"
    );
    delay: Option<Text> = string_of, key!(
        "delay",
        Form(&DURATION.form),
        "The wait before the first time; it doubles with each, up to a minute.",
        default: "`1s`",
        example: "5s"
    );
    exit_codes: Vec<Text> = strings_of, key!(
        "exit-codes",
        OneOrMore(&Form(&EXIT_CODE.form)),
        "Only after these exit codes.",
        default: "every failure",
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
        "The most that it holds, in bytes or with `k`, `m`, `g`.",
        default: "no limit",
        example: "256m"
    );
}
