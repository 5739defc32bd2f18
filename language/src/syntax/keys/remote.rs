//! The keys of what is taken from the network: of steps, and those that `from` has as well.

use super::Shape::{Either, Flag, Form, Record, Text};
use super::files::OWNER;
use super::step::{IF, NAME};
use super::{Key, Table, key};
use crate::value::{self, COMMIT, MODE};

pub(super) const CHECKSUM: Key = key!(
    "checksum",
    Form(&value::CHECKSUM.form),
    "The expected checksum: `sha256:` and 64 hexadecimal digits.",
    example: "sha256:${{ args.TOOL_SHA256 }}"
);

pub(super) const REF: Key = key!(
    "ref",
    Text,
    "The branch, tag or commit.",
    default: "the repository's default branch",
    example: "v1.4.0"
);

pub(super) const SUBDIR: Key = key!(
    "subdir",
    Text,
    "The directory of the repository to use.",
    default: "all",
    example: "packages/core"
);

pub(super) const COMMIT_CHECKSUM: Key = key!(
    "checksum",
    Form(&COMMIT.form),
    "The expected commit: its hash, or at least the first seven digits. A full hash without `ref` is itself what is fetched.",
    example: "8f2c1d4e5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d"
);

pub(super) const KEEP_GIT: Key = key!(
    "keep-git",
    Flag,
    "`true`: includes the `.git` directory.",
    default: "`false`",
    example: "true"
);

pub(super) const SUBMODULES: Key = key!(
    "submodules",
    Flag,
    "`false`: leaves out submodules.",
    default: "`true`",
    example: "false"
);

pub(super) const SSH: Key = key!(
    "ssh",
    Either(&Text, &Record(&GIT_SSH)),
    "The SSH agent, as in `--ssh`, for repositories reached over SSH.",
    default: "`default`",
    example: "deploy"
);

/// A `fetch` step.
pub static FETCH: Table = Table {
    place: "a `fetch` step",
    keys: &[
        key!(
            "fetch",
            Text,
            "The file to download: a URL that begins with `https://` or `http://`.",
            Required,
            example: "https://example.com/tool.tar.gz"
        ),
        key!(
            "to",
            Text,
            "The destination: a directory if it ends with `/`, otherwise the path of the file.",
            default: "the workdir",
            example: "/usr/local/bin/tool"
        ),
        CHECKSUM,
        OWNER,
        key!(
            "mode",
            Form(&MODE.form),
            "The mode, in octal.",
            default: "`0644`",
            example: "0755"
        ),
        key!(
            "unpack",
            Flag,
            "`true`: unpacks the tar archive, compressed or not, into the directory `to`.",
            default: "`false`",
            example: "true"
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
            "The repository: an HTTP, SSH or Git URL, or `user@host:path`.",
            Required,
            example: "https://example.com/library.git"
        ),
        REF,
        key!(
            "to",
            Text,
            "The directory that its content goes into.",
            default: "the workdir",
            example: "third_party/library"
        ),
        SUBDIR,
        COMMIT_CHECKSUM,
        KEEP_GIT,
        SSH,
        SUBMODULES,
        NAME,
        IF,
    ],
};

/// How a repository is reached by SSH.
pub static GIT_SSH: Table = Table {
    place: "`ssh` of a repository",
    keys: &[
        key!(
            "id",
            Text,
            "The client's name for the agent: `--ssh ID`.",
            default: "`default`",
            example: "deploy"
        ),
        key!(
            "known-hosts",
            Text,
            "The host's keys, in the format of SSH's `known_hosts`. Without them, every host is trusted.",
            example: "${{ args.KNOWN_HOSTS }}"
        ),
    ],
};
