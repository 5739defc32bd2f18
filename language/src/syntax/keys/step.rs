//! The keys of steps.

use super::Shape::{Data, List, Named, OneOrMore, Record, Text, Texts};
use super::{COPY, FETCH, GIT, Key, MKDIR, REMOVE, RUN, SYMLINK, Table, WRITE, key};

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
            "Creates directories and their parents.",
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
            "Creates a symbolic link at this path.",
            OneOf,
            example: "/usr/bin/node"
        ),
        key!(
            "parallel",
            List(&OneOrMore(&Record(&STEP))),
            "Runs branches of steps at the same time.",
            OneOf,
            example: "[[{ run: npm ci }], [{ run: pip install -r requirements.txt }]]"
        ),
        key!(
            "use",
            Text,
            "Runs the steps of a template.",
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
            "Adds the files of a Git repository.",
            OneOf,
            example: "https://example.com/library.git"
        ),
    ],
};

pub(super) const NAME: Key = key!(
    "name",
    Text,
    "The step's name in the progress output.",
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

/// A `parallel` step.
pub static PARALLEL: Table = Table {
    place: "a `parallel` step",
    keys: &[
        key!(
            "parallel",
            List(&OneOrMore(&Record(&STEP))),
            "Branches, each a list of steps. All start from the same files and run at the same time; if two write the same path, the later one wins.",
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
    pub fn from_key(key: &str) -> Option<Self> {
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
