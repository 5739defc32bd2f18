//! The keys of steps that take files from the network.

use super::Shape::{Either, Flag, Form, Record, Text};
use super::form::{CHECKSUM, COMMIT, MODE};
use super::step::{IF, NAME, OWNER};
use super::{Table, key};

/// A `fetch` step.
pub static FETCH: Table = Table {
    place: "a `fetch` step",
    keys: &[
        key!(
            "fetch",
            Text,
            "The file to download: a URL that begins with `https://` or `http://`.",
            Required
        ),
        key!(
            "to",
            Text,
            "Where it goes: into it, if it ends with `/`; else under this name. Default: the workdir."
        ),
        key!(
            "checksum",
            Form(&CHECKSUM),
            "What it must be: `sha256:` and 64 hexadecimal digits."
        ),
        OWNER,
        key!("mode", Form(&MODE), "The mode, in octal. Default: `0644`."),
        key!(
            "unpack",
            Flag,
            "`true`: it is a tar archive, compressed or not, whose content goes into the directory `to`."
        ),
        NAME,
        IF,
    ],
};

/// A `git` step.
pub static GIT: Table = Table {
    place: "a `git` step",
    keys: &[
        key!(
            "git",
            Text,
            "The repository: a URL of HTTP, SSH or Git, or `user@host:path`.",
            Required
        ),
        key!(
            "ref",
            Text,
            "The branch, tag or commit. Default: the repository's default branch."
        ),
        key!(
            "to",
            Text,
            "The directory that its content goes into. Default: the workdir."
        ),
        key!(
            "subdir",
            Text,
            "The directory of it that is taken. Default: all."
        ),
        key!(
            "checksum",
            Form(&COMMIT),
            "The commit that it must be: its hash, or how that begins."
        ),
        key!("keep-git", Flag, "`true`: the `.git` directory comes too."),
        key!(
            "ssh",
            Either(&Text, &Record(&GIT_SSH)),
            "The SSH agent, as in `--ssh`, for repositories that are reached by SSH. Default: `default`."
        ),
        key!(
            "submodules",
            Flag,
            "`false`: submodules stay out. Default: they come too."
        ),
        NAME,
        IF,
    ],
};

/// How a repository is reached by SSH.
pub static GIT_SSH: Table = Table {
    place: "`ssh` of a `git` step",
    keys: &[
        key!(
            "id",
            Text,
            "How the client calls the agent: `--ssh ID`. Default: `default`."
        ),
        key!(
            "known-hosts",
            Text,
            "The host's keys, in the format of SSH's `known_hosts`. Without them every host is believed."
        ),
    ],
};
