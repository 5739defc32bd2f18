//! Keys of other tools.

use super::forms::{ValuePosition, form};
use crate::syntax::keys::{
    ACTIONS, ARG, ASSERT_COMMAND, CACHE, COPY, DEFAULTS, FETCH, FILE, GIT, HEALTHCHECK, IMAGE,
    MOUNT, RUN, SECRET, STAGE, TMPFS, Table, WRITE,
};

/// The replacement for a key of another tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Instead {
    /// A key of the same mapping.
    Key(&'static str),
    /// Something else, as a full sentence.
    Words(String),
}

/// Rows of a table: the keys, and their replacement.
type Rows = &'static [(&'static [&'static str], Row)];

/// [`Instead`] as in the tables.
enum Row {
    Key(&'static str),
    Words(&'static str),
}

use Row::{Key, Words};

const NAMED_BY_KEY: Row = Words("a stage is named by its key under `stages`");
const OF_THE_IMAGE: Row =
    Words("it is part of the image's config: write it under `image` of the stage");
const OF_A_STAGE: Row = Words(
    "it is a key of the stage, for all its steps; for a single script, write it beside `run`",
);
const NO_CONTAINERS: Row =
    Words("a Stagefile says how images are built; how containers run is said elsewhere");

/// Keys with the same meaning in several mappings; a row applies if its replacement is a key of the mapping.
static COMMON: Rows = &[
    (
        &["working_dir", "working-directory", "cwd", "dir"],
        Key("workdir"),
    ),
    (&["environment", "variables", "vars"], Key("env")),
    (&["base"], Key("from")),
    (&["command"], Key("cmd")),
    (&["ports", "port"], Key("expose")),
    (&["chown", "chgrp"], Key("owner")),
    (&["chmod", "permissions"], Key("mode")),
    (&["dest", "destination", "dst", "into"], Key("to")),
    (&["source", "src"], Key("from")),
    (
        &["depends_on", "depends-on", "needs", "dependencies"],
        Key("requires"),
    ),
    (&["cache"], Key("caches")),
    (&["secret"], Key("secrets")),
    (&["mount"], Key("mounts")),
    (&["when", "condition"], Key("if")),
    (&["ignore", "except"], Key("exclude")),
    (&["sha256", "digest", "hash"], Key("checksum")),
    (&["branch", "tag", "rev", "commit"], Key("ref")),
    (&["uses"], Key("use")),
];

/// Keys of one mapping each.
static OF: &[(&Table, Rows)] = &[
    (
        &FILE,
        &[
            (
                &["version"],
                Words("a Stagefile has no version of its own: delete the line"),
            ),
            (
                &["arg", "variables", "vars", "build-args", "build_args"],
                Key("args"),
            ),
            (&["include", "includes"], Key("imports")),
            (
                &[
                    "workdir", "user", "env", "shell", "network", "ssh", "mounts", "hosts",
                ],
                Words("what all stages have in common is written under `defaults`"),
            ),
        ],
    ),
    (
        &STAGE,
        &[
            (
                &["ports", "port"],
                Words("ports are part of the image's config: `image: { expose: [8080] }`"),
            ),
            (
                &["command"],
                Words(
                    "what a container runs is part of the image's config: `image: { cmd: [node, server.js] }`",
                ),
            ),
            (
                &["environment", "variables", "vars"],
                Words(
                    "the variables of scripts are `env`, those of containers `image: { env: … }`",
                ),
            ),
            (
                &["build"],
                Words(
                    "a stage is built by its `steps`; one that a Dockerfile builds is `from: { dockerfile: Dockerfile }`",
                ),
            ),
            (
                &["stage", "name", "as", "id", "container_name"],
                NAMED_BY_KEY,
            ),
            (
                &[
                    "script",
                    "before_script",
                    "after_script",
                    "commands",
                    "scripts",
                ],
                Words("commands are steps: `steps: [{ run: npm ci }]`"),
            ),
            (
                &["artifacts", "artefacts"],
                Words("what other stages take is named by `outputs: { dist: /app/dist }`"),
            ),
            (&["rules", "only"], Key("if")),
            (
                &["extends", "inherits"],
                Words(
                    "a stage goes on where another ended with `from`, or starts as a template with `use`",
                ),
            ),
            (&["runs-on", "runs_on", "container"], Key("from")),
            (
                &["arg", "args", "build-args"],
                Words(
                    "build arguments are declared for the whole file, at the top level: `args: { VERSION: \"1.2\" }`",
                ),
            ),
            (
                &[
                    "restart",
                    "networks",
                    "deploy",
                    "links",
                    "profiles",
                    "privileged",
                    "services",
                ],
                NO_CONTAINERS,
            ),
            (
                &["tags", "tag"],
                Words("the client names the image: `--tag NAME`"),
            ),
        ],
    ),
    (
        &RUN,
        &[
            (
                &["security"],
                Words("`--security=insecure` is `privileged: true`"),
            ),
            (
                &["allow_failure", "continue-on-error", "ignore_errors"],
                Words("`exit-codes` says which exit codes count as success"),
            ),
            (&["retries"], Key("retry")),
        ],
    ),
    (
        &COPY,
        &[
            (&["target", "path"], Key("to")),
            (
                &["link"],
                Words("every copy is a layer of its own that is kept: delete the line"),
            ),
            (
                &["recursive"],
                Words("directories are copied with everything in them: delete the line"),
            ),
        ],
    ),
    (
        &WRITE,
        &[(&["data", "text", "contents", "body"], Key("content"))],
    ),
    (
        &FETCH,
        &[
            (&["target", "path", "output"], Key("to")),
            (&["extract"], Key("unpack")),
        ],
    ),
    (
        &GIT,
        &[(&["path", "dir"], Key("subdir")), (&["target"], Key("to"))],
    ),
    (
        &MOUNT,
        &[
            (&["source", "src"], Key("path")),
            (&["target"], Key("to")),
            (
                &["type"],
                Words(
                    "kinds of mounts have keys of their own: `bind`, `caches`, `secrets`, `ssh`, `tmpfs`",
                ),
            ),
        ],
    ),
    (&TMPFS, &[(&["target", "path"], Key("to"))]),
    (
        &CACHE,
        &[
            (&["dst", "destination", "paths"], Key("target")),
            (&["key", "name"], Key("id")),
        ],
    ),
    (
        &SECRET,
        &[
            (&["dst", "destination", "path", "to"], Key("target")),
            (
                &["file", "source", "src", "external"],
                Words(
                    "where its value comes from is the client's business: `--secret id=ID,src=FILE`",
                ),
            ),
            (&["environment", "variable"], Key("env")),
        ],
    ),
    (
        &ARG,
        &[
            (&["value"], Key("default")),
            (&["choices", "enum", "options", "allowed"], Key("values")),
        ],
    ),
    (
        &IMAGE,
        &[
            (&["onbuild"], Key("on-build")),
            (&["label"], Key("labels")),
            (&["volume"], Key("volumes")),
            (
                &["name", "tags", "tag"],
                Words("the client names the image: `--tag NAME`"),
            ),
        ],
    ),
    (&HEALTHCHECK, &[(&["test", "command", "cmd"], Key("run"))]),
    (&ASSERT_COMMAND, &[(&["command", "cmd"], Key("run"))]),
    (
        &DEFAULTS,
        &[(
            &["from", "image"],
            Words("each stage says what it starts `from`"),
        )],
    ),
];

/// Keys of steps without an effect here, in lower case.
static STEPS: Rows = &[
    (
        &["sh", "bash", "exec", "script", "command", "commands"],
        Key("run"),
    ),
    (&["rm", "delete"], Key("remove")),
    (&["file"], Key("write")),
    (&["ln", "link"], Key("symlink")),
    (&["download", "curl", "wget"], Key("fetch")),
    (&["clone", "checkout"], Key("git")),
    (&["uses", "template", "include"], Key("use")),
    (
        &[
            "workdir", "user", "env", "shell", "network", "caches", "secrets", "ssh", "mounts",
            "hosts", "limits", "ulimits",
        ],
        OF_A_STAGE,
    ),
    (
        &["from"],
        Words("what a stage starts from is a key of the stage: `from: IMAGE`"),
    ),
    (
        &["arg", "args"],
        Words("build arguments are declared at the top level: `args: { VERSION: \"1.2\" }`"),
    ),
    (
        &[
            "label",
            "labels",
            "expose",
            "volume",
            "volumes",
            "entrypoint",
            "cmd",
            "healthcheck",
            "stopsignal",
            "onbuild",
            "maintainer",
        ],
        OF_THE_IMAGE,
    ),
    (
        &["chmod", "chown"],
        Words(
            "`mode` and `owner` stand beside the step that makes the files; for other files, `run: chmod 755 FILE`",
        ),
    ),
];

impl Row {
    fn instead(&self) -> Instead {
        match self {
            Key(key) => Instead::Key(key),
            Words(words) => Instead::Words((*words).to_owned()),
        }
    }
}

fn find(rows: Rows, key: &str) -> Option<&'static Row> {
    let row = rows.iter().find(|(keys, _)| keys.contains(&key));
    row.map(|(_, row)| row)
}

/// Returns the replacement for a key that a mapping doesn't have.
pub(crate) fn key(table: &Table, key: &str) -> Option<Instead> {
    let own = OF.iter().find(|(other, _)| other.place == table.place);
    let common = || {
        find(COMMON, key).filter(|row| match row {
            Key(key) => table.key(key).is_some(),
            Words(_) => true,
        })
    };
    let row = own.and_then(|(_, rows)| find(rows, key)).or_else(common);
    if row.is_none() && table.place == STAGE.place && is_action(key) {
        let words = format!("`{key}` is a step: `steps: [{{ {key}: … }}]`");
        return Some(Instead::Words(words));
    }
    row.map(Row::instead)
}

fn is_action(key: &str) -> bool {
    ACTIONS.iter().any(|table| table.main() == key)
}

/// Returns the replacement for a step that begins with a key which isn't an action; `value` is its value if that is a
/// string.
pub(crate) fn step(key: &str, value: Option<&str>) -> Option<Instead> {
    let key = key.to_lowercase();
    if let Some(table) = ACTIONS.iter().find(|table| table.main() == key) {
        return Some(Instead::Key(table.main()));
    }
    if key == "add" {
        let words = value.and_then(|value| form(ValuePosition::Add, value));
        return Some(words.map_or(Instead::Key("copy"), Instead::Words));
    }
    find(STEPS, &key).map(Row::instead)
}

#[cfg(test)]
mod tests {
    use super::{ACTIONS, COMMON, Key, OF, Row, STEPS};
    use crate::syntax::keys::TABLES;

    #[test]
    fn keys_lead_to_keys_that_exist_from_keys_that_do_not() {
        for (table, rows) in OF {
            for (keys, row) in *rows {
                for key in *keys {
                    assert!(table.key(key).is_none(), "{}: {key}", table.place);
                }
                if let Row::Key(instead) = row {
                    assert!(table.key(instead).is_some(), "{}: {instead}", table.place);
                }
            }
        }
        for (_, row) in COMMON {
            let Key(instead) = row else { continue };
            let known = TABLES.iter().any(|(_, table)| table.key(instead).is_some());
            assert!(known, "{instead}");
        }
        for (keys, row) in STEPS {
            let is_action = |key: &str| ACTIONS.iter().any(|table| table.main() == key);
            assert!(!keys.iter().any(|key| is_action(key)), "{keys:?}");
            if let Row::Key(instead) = row {
                assert!(is_action(instead), "{instead}");
            }
        }
    }
}
