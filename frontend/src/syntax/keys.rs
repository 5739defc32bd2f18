//! The one table of the language's keys: what may stand where, of what shape, and what it means.
//!
//! The reader takes its checks and suggestions from it; so will the JSON Schema and the manual.

/// The shape of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A scalar; expressions are evaluated.
    Text,
    /// A scalar or a list of scalars.
    Texts,
    /// A mapping from names to scalars, or a list of `NAME=value`.
    TextMap,
    /// Any data, passed on as it is.
    Data,
    /// A mapping with these keys.
    Record(&'static Table),
    /// A mapping from names that the user chooses to values of this shape.
    Named(&'static Shape),
    /// A list of values of this shape.
    List(&'static Shape),
    /// A value of this shape, or a list of such values.
    OneOrMore(&'static Shape),
    /// A value of the first shape, or the long form of the second.
    Either(&'static Shape, &'static Shape),
}

/// One key of a mapping.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// How it is written.
    pub name: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    /// What it means, in one or two sentences; `` `default` `` facts included.
    pub meaning: &'static str,
}

/// The keys that a mapping may have.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// What the mapping is, with its article: "a stage".
    pub place: &'static str,
    /// The keys, in the order of the manual.
    pub keys: &'static [Key],
}

impl Table {
    /// Lists the names of the keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }

    /// Returns the key of a name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// Writes a [`Key`] on one line; a function's arguments would not live long enough for its references.
macro_rules! key {
    ($name:literal, $shape:expr, $meaning:literal) => {
        Key {
            name: $name,
            shape: $shape,
            meaning: $meaning,
        }
    };
}

use Shape::{Data, Either, List, Named, OneOrMore, Record, Text, TextMap, Texts};

// The keys that mean the same for the file's defaults, a stage and a `run` step.
const WORKDIR: Key = key!(
    "workdir",
    Text,
    "The directory in which steps run and relative paths start; it exists when the first step runs. Default: the base's."
);
const USER: Key = key!(
    "user",
    Text,
    "The user, and after a colon the group, that scripts run as: names or numbers. Default: the base's."
);
const ENV: Key = key!(
    "env",
    TextMap,
    "Variables of the scripts; they are not written into the image."
);
const SHELL: Key = key!(
    "shell",
    Texts,
    "The program, with its arguments, that is given a script as its last argument. Default: `/bin/sh -e -u -c`."
);
const NETWORK: Key = key!(
    "network",
    Text,
    "`default` (what the daemon gives), `none` or `host` (needs `--allow network.host`)."
);
const CACHES: Key = key!(
    "caches",
    OneOrMore(&Either(&Text, &Record(&CACHE))),
    "Directories that last from build to build and never enter the image: names from `caches`, presets, or long forms."
);
const SECRETS: Key = key!(
    "secrets",
    OneOrMore(&Either(&Text, &Record(&SECRET))),
    "Secrets of the scripts: names from `secrets`, or long forms."
);
const SSH: Key = key!(
    "ssh",
    OneOrMore(&Either(&Text, &Record(&SSH_AGENT))),
    "SSH agents that scripts may use: ids as in `--ssh`, usually `default`."
);
const MOUNTS: Key = key!(
    "mounts",
    OneOrMore(&Record(&MOUNT)),
    "Files of stages, images and contexts, mounted while scripts run."
);
const HOSTS: Key = key!(
    "hosts",
    TextMap,
    "Host names and their addresses, for scripts."
);

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
        key!("required", Text, "`true`: the client has to give it."),
        key!("values", Texts, "The values that it may have."),
    ],
};

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
        key!("mode", Text, "The file's mode, in octal. Default: `0400`."),
        key!("uid", Text, "The file's owner, a number. Default: `0`."),
        key!("gid", Text, "The file's group, a number. Default: `0`."),
        key!("optional", Text, "`true`: the build goes on without it."),
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
            "The directory; required. A relative path starts at the workdir."
        ),
        key!(
            "sharing",
            Text,
            "`shared` (default: builds write at the same time), `private` (each has its own) or `locked` (one after another)."
        ),
        key!(
            "id",
            Text,
            "What identifies it on the daemon. Default: its name (inline: its target), the platform and the owner."
        ),
        key!(
            "mode",
            Text,
            "The mode of the directory when it is new, in octal. Default: `0755`."
        ),
        key!(
            "uid",
            Text,
            "The owner of the directory when it is new, a number. Default: the step's user."
        ),
        key!(
            "gid",
            Text,
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
            Text,
            "The socket's mode, in octal. Default: `0600`."
        ),
        key!(
            "uid",
            Text,
            "The socket's owner, a number. Default: the step's user if that is a number, else `0`."
        ),
        key!(
            "gid",
            Text,
            "The socket's group, a number. Default: the step's group if that is a number, else `0`."
        ),
        key!("optional", Text, "`true`: the build goes on without it."),
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
            "Where it is mounted; required. A relative path starts at the workdir."
        ),
        key!(
            "rw",
            Text,
            "`true`: scripts may write; what they write is thrown away."
        ),
    ],
};

/// The long form of paths that are bound.
pub static BIND: Table = Table {
    place: "a bind",
    keys: &[
        key!("paths", Texts, "The paths; required."),
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
            Text,
            "`true`: each path keeps its directories below `to`."
        ),
        key!(
            "rw",
            Text,
            "`true`: scripts may write; what they write is thrown away."
        ),
    ],
};

/// A temporary file system's long form.
pub static TMPFS: Table = Table {
    place: "a tmpfs",
    keys: &[
        key!("to", Text, "The directory; required."),
        key!(
            "size",
            Text,
            "The most that it holds, in bytes or with `k`, `m`, `g`. Default: no limit."
        ),
    ],
};

const SOURCE: Shape = Either(&Text, &Record(&ORIGIN));

/// The long form of `from`.
pub static ORIGIN: Table = Table {
    place: "`from`",
    keys: &[
        key!("image", Text, "An image reference."),
        key!("stage", Text, "A stage of this file, or `stage.output`."),
        key!(
            "context",
            Text,
            "A named context: `--build-context NAME=…`."
        ),
    ],
};

/// What every stage starts from.
pub static DEFAULTS: Table = Table {
    place: "`defaults`",
    keys: &[
        WORKDIR, USER, ENV, SHELL, NETWORK, CACHES, SECRETS, SSH, MOUNTS, HOSTS,
    ],
};

/// A stage.
pub static STAGE: Table = Table {
    place: "a stage",
    keys: &[
        key!(
            "from",
            SOURCE,
            "What it starts from: an image, another stage, `scratch` (default), or a long form."
        ),
        key!(
            "platform",
            Text,
            "What its image is for and its steps run on: `target` (default), `build` (the daemon's own, which runs natively), or one such as `linux/arm64`. A stage from another has that one's."
        ),
        key!(
            "description",
            Text,
            "What it is; shown by `--call targets`."
        ),
        WORKDIR,
        USER,
        ENV,
        SHELL,
        NETWORK,
        CACHES,
        SECRETS,
        SSH,
        MOUNTS,
        HOSTS,
        key!("steps", List(&Record(&STEP)), "What is done, in order."),
        key!(
            "requires",
            Texts,
            "Stages that must succeed before this one's result may be used. They run at the same time and leave nothing in it."
        ),
        key!(
            "outputs",
            Named(&Text),
            "Names for paths of the finished stage, used as `stage.output`."
        ),
        key!(
            "image",
            Record(&IMAGE),
            "The config of the image that the stage makes."
        ),
    ],
};

/// Any step, for the JSON Schema: one action and its options.
pub static STEP: Table = Table {
    place: "a step",
    keys: &[
        key!(
            "run",
            Texts,
            "Runs a script (text) or a program with arguments (list)."
        ),
        key!("copy", Texts, "Copies paths into the stage."),
        key!("write", Text, "Writes a file."),
        key!("mkdir", Texts, "Makes directories, with their parents."),
        key!("remove", Texts, "Removes files and directories."),
        key!("symlink", Text, "Makes a symbolic link at this path."),
    ],
};

const NAME: Key = key!("name", Text, "What the progress output calls the step.");
const OWNER: Key = key!(
    "owner",
    Text,
    "The user, and after a colon the group: names of the stage's base, or numbers. Default: root for new files and those of a context; copies of others keep theirs."
);

/// A `run` step.
pub static RUN: Table = Table {
    place: "a `run` step",
    keys: &[
        key!(
            "run",
            Texts,
            "The script (text), or the program with its arguments (list). A script that begins with `#!` is run by that interpreter."
        ),
        NAME,
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
            Text,
            "`true`: without a sandbox; needs `--allow security.insecure`."
        ),
        key!(
            "exit-codes",
            Texts,
            "The exit codes that count as success. Default: `0`."
        ),
        key!("always", Text, "`true`: never taken from the cache."),
    ],
};

/// A `copy` step.
pub static COPY: Table = Table {
    place: "a `copy` step",
    keys: &[
        key!(
            "copy",
            Texts,
            "Paths; `*`, `?` and `[…]` match. A directory keeps its name; with `/` behind it, its content is meant."
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
            Text,
            "`true`: each path keeps its directories below `to`."
        ),
        OWNER,
        key!(
            "mode",
            Text,
            "The mode of all that is copied, in octal (`0644`) or symbolic (`u=rwX,go=rX`). Default: as it is."
        ),
        key!(
            "follow",
            Text,
            "`true`: a symbolic link that is named is copied as what it points to."
        ),
        key!("optional", Text, "`true`: a pattern may match nothing."),
        key!("unpack", Text, "`true`: archives are unpacked."),
        NAME,
    ],
};

/// A `write` step.
pub static WRITE: Table = Table {
    place: "a `write` step",
    keys: &[
        key!("write", Text, "The file."),
        key!("content", Text, "Its text."),
        key!("json", Data, "Data that is written as JSON."),
        OWNER,
        key!("mode", Text, "The mode, in octal. Default: `0644`."),
        NAME,
    ],
};

/// A `mkdir` step.
pub static MKDIR: Table = Table {
    place: "a `mkdir` step",
    keys: &[
        key!("mkdir", Texts, "The directories; parents are made too."),
        OWNER,
        key!("mode", Text, "The mode, in octal. Default: `0755`."),
        NAME,
    ],
};

/// A `remove` step.
pub static REMOVE: Table = Table {
    place: "a `remove` step",
    keys: &[
        key!("remove", Texts, "The paths."),
        key!("optional", Text, "`true`: they need not exist."),
        key!("glob", Text, "`true`: `*`, `?` and `[…]` match."),
        NAME,
    ],
};

/// A `symlink` step.
pub static SYMLINK: Table = Table {
    place: "a `symlink` step",
    keys: &[
        key!("symlink", Text, "Where the link is."),
        key!("target", Text, "What it points to; required."),
        OWNER,
        NAME,
    ],
};

/// The kinds of step, by the key that says what is done.
pub static ACTIONS: [&Table; 6] = [&RUN, &COPY, &WRITE, &MKDIR, &REMOVE, &SYMLINK];

/// The image's config.
pub static IMAGE: Table = Table {
    place: "`image`",
    keys: &[
        key!(
            "user",
            Text,
            "The user of the container. Default: the stage's."
        ),
        key!(
            "workdir",
            Text,
            "The directory that it starts in. Default: the stage's."
        ),
        key!("env", TextMap, "Its variables, added to the base's."),
        key!(
            "entrypoint",
            Texts,
            "The program: a list, or a text for the shell. Drops the base's `cmd`."
        ),
        key!(
            "cmd",
            Texts,
            "Arguments, or the program: a list, or a text for the shell."
        ),
        key!(
            "shell",
            Texts,
            "The shell of text forms. Default: `/bin/sh -c`."
        ),
        key!("expose", Texts, "Ports: `8080`, `53/udp`, `8000-8010`."),
        key!("volumes", Texts, "Directories that hold data."),
        key!("labels", TextMap, "Labels, added to the base's."),
        key!(
            "healthcheck",
            Either(&Text, &Record(&HEALTHCHECK)),
            "How to see that it is well; `none` drops the base's."
        ),
        key!(
            "stop-signal",
            Text,
            "The signal that stops it. Default: `SIGTERM`."
        ),
        key!(
            "on-build",
            Texts,
            "Dockerfile instructions for images that a Dockerfile builds on this one."
        ),
    ],
};

/// A health check.
pub static HEALTHCHECK: Table = Table {
    place: "`healthcheck`",
    keys: &[
        key!(
            "run",
            Texts,
            "The program: a list, or a text for the shell; required."
        ),
        key!(
            "interval",
            Text,
            "The time between two checks, such as `30s`. Default: the engine's."
        ),
        key!(
            "timeout",
            Text,
            "When a check counts as failed. Default: the engine's."
        ),
        key!(
            "start-period",
            Text,
            "How long failures don't count at first. Default: the engine's."
        ),
        key!(
            "start-interval",
            Text,
            "The time between two checks in that period. Default: the engine's."
        ),
        key!(
            "retries",
            Text,
            "How many failures make it unhealthy. Default: the engine's."
        ),
    ],
};
