//! The keys of `run` steps.

use super::Shape::{Either, Flag, Form, Named, OneOrMore, Record, Text, Texts};
use super::settings::{CACHES, ENV, HOSTS, MOUNTS, NETWORK, SECRETS, SHELL, SSH, USER, WORKDIR};
use super::step::{IF, NAME};
use super::{BIND, DEVICE, LIMITS_KEY, RETRY, SOURCE, TMPFS, Table, ULIMITS_KEY, key};
use crate::value::{EXIT_CODE, HOSTNAME, LIMIT, TIMES};

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
            "The stage or image to run it in, as root. It starts in `/image`, which holds the stage's own files; only changes there are kept.",
            default: "the stage itself",
            example: "busybox:1.36"
        ),
        key!(
            "keep",
            Flag,
            "`false`: only a check. Its changes are discarded. Later steps don't wait for it, but the stage's result does.",
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
            "Paths of the context, mounted read-only where `copy` would have put them; `*`, `?` and `[…]` match. They don't enter a layer.",
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
            "Names for directories that the step fills, used as `stage.output`. They are created beforehand, owned by the step's user; the step may replace them.",
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
            "`true`: runs without a sandbox; needs `--allow security.insecure`.",
            default: "`false`",
            example: "true"
        ),
        key!(
            "devices",
            OneOrMore(&Either(&Text, &Record(&DEVICE))),
            "Devices of the daemon's machine, by their Container Device Interface names; needs `--allow device`.",
            example: "nvidia.com/gpu=all"
        ),
        key!(
            "cgroup-parent",
            Text,
            "The parent, on the daemon's machine, of the script's control group.",
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
            "How long the cached result is used. After that, the step runs again.",
            default: "as long as nothing changes",
            example: "24h"
        ),
        key!(
            "timeout",
            Form(&LIMIT.form),
            "How long it may take. After that, everything it started is ended, and the step fails.",
            default: "no limit",
            example: "10m"
        ),
        key!(
            "retry",
            Either(&Form(&TIMES.form), &Record(&RETRY)),
            "How many times to try again if it fails.",
            default: "never",
            example: "3"
        ),
    ],
};
