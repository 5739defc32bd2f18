//! The keys of steps.

use super::Shape::{Data, Either, Flag, Form, List, Named, OneOrMore, Record, Text, Texts, Word};
use super::settings::{CACHES, ENV, HOSTS, MOUNTS, NETWORK, SECRETS, SHELL, SSH, USER, WORKDIR};
use super::{
    BIND, DEVICE, FETCH, GIT, Key, LIMITS_KEY, RETRY, SOURCE, TMPFS, Table, ULIMITS_KEY, key,
};
use crate::value::{self, COPIED_TIMES, COPY_MODE, EXIT_CODE, HOSTNAME, LIMIT, MODE, TIMES};

/// Any step, for the JSON Schema: one action and its options.
pub static STEP: Table = Table {
    place: "a step",
    keys: &[
        key!(
            "run",
            Texts,
            "Runs a script (string) or a program with arguments (list).",
            OneOf,
            example: "npm ci"
        ),
        key!(
            "copy",
            Texts,
            "Copies paths into the stage.",
            OneOf,
            example: "[src, package.json]"
        ),
        key!(
            "write",
            Text,
            "Writes a file.",
            OneOf,
            example: "/etc/motd"
        ),
        key!(
            "mkdir",
            Texts,
            "Makes directories, with their parents.",
            OneOf,
            example: "[/var/lib/app, /var/log/app]"
        ),
        key!(
            "remove",
            Texts,
            "Removes files and directories.",
            OneOf,
            example: "/usr/share/doc"
        ),
        key!(
            "symlink",
            Text,
            "Makes a symbolic link at this path.",
            OneOf,
            example: "/usr/bin/node"
        ),
        key!(
            "parallel",
            List(&OneOrMore(&Record(&STEP))),
            "Does branches of steps at the same time.",
            OneOf,
            example: "[[{ run: npm ci }], [{ run: pip install -r requirements.txt }]]"
        ),
        key!(
            "use",
            Text,
            "Does the steps of a template.",
            OneOf,
            example: "std.apt"
        ),
        key!(
            "fetch",
            Text,
            "Downloads a file.",
            OneOf,
            example: "https://example.com/tool.tar.gz"
        ),
        key!(
            "git",
            Text,
            "Takes the files of a Git repository.",
            OneOf,
            example: "https://example.com/library.git"
        ),
    ],
};

pub(super) const NAME: Key = key!(
    "name",
    Text,
    "What the progress output calls the step.",
    default: "what it does",
    example: "install packages"
);

pub(super) const IF: Key = key!(
    "if",
    Text,
    "An expression; if it is false, the step is left out.",
    example: "args.DEBUG == \"1\""
);

/// What every kind of step may have beside its action.
pub static STEP_OPTIONS: Table = Table {
    place: "any step",
    keys: &[NAME, IF],
};

pub(super) const OWNER: Key = key!(
    "owner",
    Form(&value::OWNER.form),
    "The user, and after a colon the group: names that the stage has at that step, or numbers. Parents that are made on the way are theirs, too.",
    default: "root for new files and those of a context; copies of others keep theirs",
    example: "node:node"
);

/// A `run` step.
pub static RUN: Table = Table {
    place: "a `run` step",
    keys: &[
        key!(
            "run",
            Texts,
            "The script (string), or the program with its arguments (list). A script that begins with `#!` is run by that interpreter.",
            Required,
            example: "npm ci"
        ),
        NAME,
        IF,
        key!(
            "in",
            SOURCE,
            "The stage or image that it runs in, as root and in `/image`: there it finds the stage's own files, and of what it changes only they are kept.",
            default: "the stage itself",
            example: "busybox:1.36"
        ),
        key!(
            "keep",
            Flag,
            "`false`: a check. What it changes is thrown away; what follows doesn't wait for it, the stage's result does.",
            default: "`true`",
            example: "false"
        ),
        WORKDIR,
        USER,
        ENV,
        SHELL,
        NETWORK,
        key!(
            "bind",
            OneOrMore(&Either(&Text, &Record(&BIND))),
            "Paths of the context, mounted read-only where `copy` would have put them; `*`, `?` and `[…]` match. Nothing enters a layer.",
            example: "[package.json, package-lock.json]"
        ),
        CACHES,
        SECRETS,
        SSH,
        MOUNTS,
        HOSTS,
        LIMITS_KEY,
        ULIMITS_KEY,
        key!(
            "tmpfs",
            OneOrMore(&Either(&Text, &Record(&TMPFS))),
            "Directories in memory.",
            example: "/tmp"
        ),
        key!(
            "outputs",
            Named(&Text),
            "Names for directories that the step fills, used as `stage.output`: what it leaves there. They are made before, as its user's, and it may replace them.",
            example: "{ dist: /app/dist }"
        ),
        key!(
            "hostname",
            Form(&HOSTNAME.form),
            "The host name that the script sees.",
            example: "builder"
        ),
        key!(
            "privileged",
            Flag,
            "`true`: without a sandbox; needs `--allow security.insecure`.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "devices",
            OneOrMore(&Either(&Text, &Record(&DEVICE))),
            "Devices of the daemon's machine, as the Container Device Interface names them; needs `--allow device`.",
            example: "nvidia.com/gpu=all"
        ),
        key!(
            "cgroup-parent",
            Text,
            "The control group of the daemon's machine below which the script's own is made.",
            example: "/builds"
        ),
        key!(
            "exit-codes",
            OneOrMore(&Form(&EXIT_CODE.form)),
            "The exit codes that count as success.",
            default: "`0`",
            example: "[0, 2]"
        ),
        key!(
            "always",
            Flag,
            "`true`: never taken from the cache.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "every",
            Form(&LIMIT.form),
            "How long it is taken from the cache: it runs again when that much time has passed.",
            default: "as long as nothing changes",
            example: "24h"
        ),
        key!(
            "timeout",
            Form(&LIMIT.form),
            "How long it may take; then all that it started is ended, and the step fails.",
            default: "no limit",
            example: "10m"
        ),
        key!(
            "retry",
            Either(&Form(&TIMES.form), &Record(&RETRY)),
            "How many times it is tried again when it fails.",
            default: "never",
            example: "3"
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
            "`true`: a symbolic link that is named is copied as what it points to; one with `/` behind it always is.",
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

/// A `parallel` step.
pub static PARALLEL: Table = Table {
    place: "a `parallel` step",
    keys: &[
        key!(
            "parallel",
            List(&OneOrMore(&Record(&STEP))),
            "Branches, each a list of steps. All start from the same files and run at the same time; of two that write one path the later counts.",
            Required,
            example: "[[{ run: npm ci }], [{ run: pip install -r requirements.txt }]]"
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
            Required,
            example: "std.apt"
        ),
        key!(
            "with",
            Named(&Data),
            "The template's inputs.",
            example: "{ packages: [curl, git] }"
        ),
        NAME,
        IF,
    ],
};

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the key that it is named after")]
pub enum ActionKind {
    Run,
    Copy,
    Write,
    Mkdir,
    Remove,
    Symlink,
    Fetch,
    Git,
    Parallel,
    Use,
}

impl ActionKind {
    /// All of them, in the order of the manual.
    pub const ALL: [Self; 10] = [
        Self::Run,
        Self::Copy,
        Self::Write,
        Self::Mkdir,
        Self::Remove,
        Self::Symlink,
        Self::Fetch,
        Self::Git,
        Self::Parallel,
        Self::Use,
    ];

    /// Returns the one of a key.
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.table().main() == key)
    }

    /// Returns the keys that it has.
    pub const fn table(self) -> &'static Table {
        match self {
            Self::Run => &RUN,
            Self::Copy => &COPY,
            Self::Write => &WRITE,
            Self::Mkdir => &MKDIR,
            Self::Remove => &REMOVE,
            Self::Symlink => &SYMLINK,
            Self::Fetch => &FETCH,
            Self::Git => &GIT,
            Self::Parallel => &PARALLEL,
            Self::Use => &USE,
        }
    }
}

/// The kinds of step, by the key that says what is done.
pub static ACTIONS: [&Table; ActionKind::ALL.len()] = {
    let mut tables = [ActionKind::ALL[0].table(); ActionKind::ALL.len()];
    let mut index = 0;
    while index < tables.len() {
        tables[index] = ActionKind::ALL[index].table();
        index += 1;
    }
    tables
};
