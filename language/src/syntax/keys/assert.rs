//! The keys of assertions: facts about the finished image.

use super::Shape::{self, Either, Form, Named, OneOrMore, Record, TextMap, Texts, Word};
use super::record::record;
use super::{Table, key};
use crate::expression::Text;
use crate::value::{EXISTENCE, EXIT_CODE, FILE_KIND, LIMIT, MODE, OWNER, PORT, SHA256, SIZE};

/// Facts about a stage's image.
pub static ASSERT: Table = Table {
    place: "`assert`",
    keys: &[
        key!(
            "files",
            Named(&Either(&Word(EXISTENCE.names), &Record(&ASSERT_FILE))),
            "Facts about files, by path: `exists`, `absent`, or a mapping. Relative paths start at the workdir; `*`, `?` and `**` match.",
            example: "{ /bin/sh: absent, /server: { mode: \"0755\" } }"
        ),
        key!(
            "image",
            Record(&ASSERT_IMAGE),
            "Facts about the image's config.",
            example: "{ user: nonroot, expose: [8080] }"
        ),
        key!(
            "commands",
            OneOrMore(&Record(&ASSERT_COMMAND)),
            "Commands to run in the image, and their expected results. Each starts with the finished image, and its changes are discarded.",
            example: "[{ run: [/server, --version], stdout: \"1.2\" }]"
        ),
        key!(
            "size",
            Form(&SIZE.form),
            "The maximum size of all files of the image together, uncompressed, in bytes or with `k`, `m`, `g`.",
            example: "50m"
        ),
    ],
};

record! {
    /// What a file is to be.
    pub struct FileFact;
    /// Facts about a file.
    pub static ASSERT_FILE: "an asserted file";

    kind: Option<Text> = string_of, key!(
        "type",
        Word(FILE_KIND.names),
        "Its type. Only `symlink` applies to a link itself.",
        example: "directory"
    );
    mode: Option<Text> = string_of, key!(
        "mode",
        Form(&MODE.form),
        "Its complete mode, in octal.",
        example: "0755"
    );
    owner: Option<Text> = string_of, key!(
        "owner",
        Form(&OWNER.form),
        "Its user and, after a colon, its group: names in the image, or numbers.",
        example: "\"0:0\""
    );
    contains: Vec<Text> = strings_of, key!(
        "contains",
        Texts,
        "Strings that it contains.",
        example: "listen 8080"
    );
    sha256: Option<Text> = string_of, key!(
        "sha256",
        Form(&SHA256.form),
        "The digest of its content.",
        example: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    symlink: Option<Text> = string_of, key!(
        "symlink",
        Shape::Text,
        "The target of the symbolic link, exactly as stored.",
        example: "../lib/server"
    );
    size: Option<Text> = string_of, key!(
        "size",
        Form(&SIZE.form),
        "Its maximum size, including everything below it, in bytes or with `k`, `m`, `g`.",
        example: "10m"
    );
}

/// Facts about the image's config.
pub static ASSERT_IMAGE: Table = Table {
    place: "an asserted image",
    keys: &[
        key!("user", Shape::Text, "Its user, exactly as in the config; empty for none.", example: "nonroot"),
        key!("workdir", Shape::Text, "Its directory.", example: "/app"),
        key!(
            "env",
            TextMap,
            "Some of its variables. One without a value (`NAME:`) must be absent.",
            example: "{ LANG: C.UTF-8 }"
        ),
        key!(
            "entrypoint",
            Texts,
            "Its complete entrypoint: a list, or a string for the shell; `[]` for none.",
            example: "[/server]"
        ),
        key!(
            "cmd",
            Texts,
            "Its complete arguments: a list, or a string for the shell; `[]` for none.",
            example: "[--port, \"8080\"]"
        ),
        key!(
            "expose",
            OneOrMore(&Form(&PORT.form)),
            "All of its ports; `[]` for none.",
            example: "[8080, 53/udp]"
        ),
        key!(
            "volumes",
            Texts,
            "All of its volumes; `[]` for none.",
            example: "[/data]"
        ),
        key!(
            "labels",
            TextMap,
            "Some of its labels. One without a value (`NAME:`) must be absent.",
            example: "{ org.opencontainers.image.title: server }"
        ),
        key!("stop-signal", Shape::Text, "Its signal; empty for none.", example: "SIGINT"),
    ],
};

/// A program of the image, and what it does.
pub static ASSERT_COMMAND: Table = Table {
    place: "an asserted command",
    keys: &[
        key!(
            "run",
            Texts,
            "The program with its arguments (list), or a script for the stage's shell (string). The image's entrypoint is not used.",
            Required,
            example: "[/server, --version]"
        ),
        key!(
            "exit-code",
            Form(&EXIT_CODE.form),
            "The expected exit code.",
            default: "`0`",
            example: "1"
        ),
        key!(
            "stdout",
            Either(&Texts, &Record(&ASSERT_OUTPUT)),
            "Strings that its standard output must contain, or a long form.",
            example: "server 1.2"
        ),
        key!(
            "stderr",
            Either(&Texts, &Record(&ASSERT_OUTPUT)),
            "Strings that its standard error must contain, or a long form.",
            example: "{ equals: \"\" }"
        ),
        key!(
            "user",
            Form(&OWNER.form),
            "The user and, after a colon, the group that it runs as.",
            default: "the image's",
            example: "\"1000\""
        ),
        key!(
            "workdir",
            Shape::Text,
            "Where it runs. A relative path starts at the image's workdir.",
            default: "the image's",
            example: "/data"
        ),
        key!(
            "env",
            TextMap,
            "Variables in addition to the image's.",
            example: "{ HOME: /tmp }"
        ),
        key!(
            "timeout",
            Form(&LIMIT.form),
            "How long it may take.",
            default: "`1m`",
            example: "10s"
        ),
    ],
};

record! {
    /// What a program writes.
    pub struct Output;
    /// The long form of an output.
    pub static ASSERT_OUTPUT: "an asserted output";

    contains: Vec<Text> = strings_of, key!("contains", Texts, "Strings that it contains.", example: "ready");
    equals: Option<Text> = string_of, key!(
        "equals",
        Shape::Text,
        "The complete output, without newlines at its end.",
        example: "\"1.2\""
    );
}
