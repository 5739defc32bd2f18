//! The keys that mean the same for the file's defaults, a stage and a `run` step.

use super::Shape::{Either, Form, OneOrMore, Record, Text, TextMap, Texts, Word};
use super::{CACHE, Key, LIMITS_KEY, MOUNT, SECRET, SSH_AGENT, Table, ULIMITS_KEY, key};
use crate::value;
use crate::value::OWNER;

pub(super) const WORKDIR: Key = key!(
    "workdir",
    Text,
    "The directory in which steps run and relative paths start; it exists when the first step runs.",
    default: "the base's",
    example: "/app"
);

pub(super) const USER: Key = key!(
    "user",
    Form(&OWNER.form),
    "The user and, after a colon, the group that scripts run as: names or numbers.",
    default: "the base's",
    example: "node"
);

pub(super) const ENV: Key = key!(
    "env",
    TextMap,
    "Variables for scripts, added to those that the stage starts with. `NAME:` without a value removes one. They are not written to the image.",
    example: "{ CI: \"true\" }"
);

pub(super) const SHELL: Key = key!(
    "shell",
    Texts,
    "The program, with its arguments, that runs scripts. It gets the script as its last argument.",
    default: "`[/bin/sh, -e, -u, -c]`",
    example: "[/bin/bash, -e, -u, -o, pipefail, -c]"
);

pub(super) const NETWORK: Key = key!(
    "network",
    Word(value::NETWORK.names),
    "`default` (the daemon's default), `none` or `host` (needs `--allow network.host`).",
    default: "`default`",
    example: "none"
);

pub(super) const CACHES: Key = key!(
    "caches",
    OneOrMore(&Either(&Text, &Record(&CACHE))),
    "Directories that are kept between builds and never enter the image: names from `caches`, presets, or long forms.",
    example: "[npm, downloads]"
);

pub(super) const SECRETS: Key = key!(
    "secrets",
    OneOrMore(&Either(&Text, &Record(&SECRET))),
    "Secrets for scripts: names from `secrets`, or long forms.",
    example: "[npmrc]"
);

pub(super) const SSH: Key = key!(
    "ssh",
    OneOrMore(&Either(&Text, &Record(&SSH_AGENT))),
    "SSH agents that scripts may use: ids as in `--ssh`, usually `default`.",
    example: "default"
);

pub(super) const MOUNTS: Key = key!(
    "mounts",
    OneOrMore(&Record(&MOUNT)),
    "Files of stages, images and contexts, mounted while scripts run.",
    example: "{ path: fixtures, to: /fixtures }"
);

pub(super) const HOSTS: Key = key!(
    "hosts",
    TextMap,
    "Host names and their addresses for scripts.",
    example: "{ database: 10.0.0.5 }"
);

/// What every stage starts from.
pub static DEFAULTS: Table = Table {
    place: "`defaults`",
    keys: &[
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
        LIMITS_KEY,
        ULIMITS_KEY,
    ],
};
