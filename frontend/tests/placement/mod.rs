//! Generates files that use a key, from the tables: the key with a value, what else its mapping needs, and around that
//! the mappings that may hold it, up to the whole file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use stagefile_language::syntax::keys::{
    ACTIONS, FILE, Key, MATRIX, ORIGIN, ORIGINS, Presence, STAGE, STEP, Shape, TABLES, TEMPLATE,
    Table,
};

/// What examples may refer to, by top-level key. Add what your example needs.
const DECLARED: [(&str, &[&str]); 5] = [
    (
        "args",
        &[
            "DEBUG: '0'",
            "KNOWN_HOSTS: example.com ssh-ed25519 AAAA",
            "TOOL_SHA256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        ],
    ),
    ("secrets", &["npmrc: {}"]),
    ("caches", &["downloads: { target: /var/cache/downloads }"]),
    (
        "templates",
        &["service: { inputs: { port: '8080' }, stage: { from: deps } }"],
    ),
    (
        "stages",
        &[
            "deps: { from: 'node:22-slim' }",
            "build: { from: deps, outputs: { dist: /app/dist } }",
            "test: { from: deps }",
            "app: { from: deps }",
        ],
    ),
];

/// Keys that hold the same mappings as others, but with special rules: each stage would be what its defaults start
/// from, a template's stage has no `matrix`, and nothing is imported from a stage.
const NARROW: [(&str, &str); 4] = [
    ("`defaults`", "*"),
    ("a template", "stage"),
    ("a template", "stages"),
    ("an import", "from"),
];

/// What a key needs beside it, although its table doesn't say so; `*` stands for all keys of a table.
const BESIDE: [(&str, &str, &str); 9] = [
    ("CACHE", "path", "from: build.dist"),
    ("GIT", "ssh", "git: git@example.com:library.git"),
    ("GIT_ORIGIN", "ssh", "git: git@example.com:library.git"),
    ("IMPORT", "args", "path: build/go.yaml"),
    ("MATRIX", "*", "os: [bookworm]\nnode: ['20', '22']"),
    ("SECRET", "*", "id: npm-token"),
    ("STAGE", "*", "from: 'node:22-slim'"),
    ("STAGE", "with", "use: service"),
    ("USE", "*", "with: { packages: [curl] }"),
];

/// Lists all keys, with their tables and the names of the tables.
pub(crate) fn keys() -> impl Iterator<Item = (&'static str, &'static Table, &'static Key)> {
    TABLES
        .iter()
        .flat_map(|(name, table)| table.keys.iter().map(move |key| (*name, *table, key)))
}

/// Makes files that use a key with a value, one for each key that may hold its table.
pub(crate) fn files_with(
    name: &str,
    table: &'static Table,
    key: &'static Key,
    value: &str,
) -> Vec<String> {
    // The key decides the kind of a step or a `from`.
    let kind = |kinds: &[&'static Table]| kinds.iter().copied().find(|kind| is(kind, key.name));
    let table = match table.place {
        place if place == STEP.place => kind(&ACTIONS).expect("an action"),
        place if place == ORIGIN.place => kind(&ORIGINS).expect("an origin"),
        _ => table,
    };
    let name = TABLES
        .iter()
        .find(|(_, other)| other.place == table.place)
        .map_or(name, |(name, _)| *name);
    let key = table.key(key.name).unwrap_or(key);
    let lines = mapping(name, table, key, value);
    if table.place == FILE.place {
        return vec![whole(key.name, &lines, true)];
    }
    let mut files: Vec<(bool, String)> = holders(table)
        .filter(|(holder, key)| {
            let narrow = |(place, name): &(&str, &str)| {
                *place == holder.place && (*name == key.name || *name == "*")
            };
            !NARROW.iter().any(narrow)
        })
        .map(|(holder, held_by)| {
            let in_template = holder.place == TEMPLATE.place;
            (in_template, file(holder, held_by, table, lines.clone()))
        })
        .collect();
    // Little of an unused template is checked.
    files.sort_by_key(|(in_template, _)| *in_template);
    files.into_iter().map(|(_, file)| file).collect()
}

fn is(table: &Table, key: &str) -> bool {
    table.main() == key
}

/// Writes a mapping with a key, and with what it needs besides.
fn mapping(name: &str, table: &'static Table, key: &Key, value: &str) -> Vec<String> {
    let mut entries: BTreeMap<&str, String> = BTreeMap::new();
    let mut add = |line: &str| {
        let name = line.split(':').next().unwrap_or_default().to_owned();
        let line = line.to_owned();
        if name != key.name {
            entries.insert(Box::leak(name.into_boxed_str()), line);
        }
    };
    for required in table.present(Presence::Required) {
        add(&format!("{}: {}", required.name, required.example));
    }
    if key.presence != Presence::OneOf
        && let Some(one) = table.present(Presence::OneOf).next()
    {
        add(&format!("{}: {}", one.name, one.example));
    }
    for (_, _, beside) in BESIDE
        .iter()
        .filter(|(of, with, _)| *of == name && (*with == key.name || *with == "*"))
    {
        beside.lines().for_each(&mut add);
    }
    let line = format!("{}: {value}", key.name);
    [line].into_iter().chain(entries.into_values()).collect()
}

/// Lists the keys that may hold a table's mapping.
fn holders(table: &'static Table) -> impl Iterator<Item = (&'static Table, &'static Key)> {
    keys()
        .map(|(_, holder, key)| (holder, key))
        .filter(move |(holder, key)| held(holder, key, table, Vec::new()).is_some())
}

/// Returns the number of keys between a table and the top of the file.
fn depth(table: &Table) -> usize {
    static DEPTHS: LazyLock<BTreeMap<&str, usize>> = LazyLock::new(|| {
        let mut depths = BTreeMap::from([(FILE.place, 0)]);
        let mut last = vec![&FILE];
        for depth in 1..TABLES.len() {
            let held_by_last = |table: &&'static Table| {
                holders(table).any(|(holder, _)| last.iter().any(|one| one.place == holder.place))
            };
            let next: Vec<&Table> = TABLES
                .iter()
                .map(|(_, table)| *table)
                .filter(|table| !depths.contains_key(table.place))
                .filter(held_by_last)
                .collect();
            depths.extend(next.iter().map(|table| (table.place, depth)));
            last = next;
        }
        depths
    });
    DEPTHS.get(table.place).copied().unwrap_or(usize::MAX)
}

/// Writes a file around a mapping that a key holds, on the shortest path to the top.
fn file(
    holder: &'static Table,
    key: &'static Key,
    table: &'static Table,
    lines: Vec<String>,
) -> String {
    let held = held(holder, key, table, lines).expect("the key holds it");
    if holder.place == FILE.place {
        return whole(key.name, &held, false);
    }
    let mut lines = vec![format!("{}:", key.name)];
    lines.extend(indented(held));
    let name = TABLES
        .iter()
        .find(|(_, table)| table.place == holder.place)
        .map_or("", |(name, _)| *name);
    for needed in mapping(name, holder, key, "").into_iter().skip(1) {
        lines.push(needed);
    }
    let (above, above_key) = holders(holder)
        // Little of an unused template is checked.
        .min_by_key(|(above, _)| (depth(above), above.place == TEMPLATE.place))
        .expect("every table is held");
    file(above, above_key, holder, lines)
}

/// Writes the value of a key that holds a mapping; `None` if it can't.
fn held(
    holder: &Table,
    key: &Key,
    table: &'static Table,
    lines: Vec<String>,
) -> Option<Vec<String>> {
    // A matrix also has names that the user chooses, so the shape of its key doesn't show that it is a mapping.
    if (holder.place, key.name) == (STAGE.place, "matrix") {
        return (table.place == MATRIX.place).then_some(lines);
    }
    value(key.shape, table, lines)
}

fn value(shape: Shape, table: &'static Table, lines: Vec<String>) -> Option<Vec<String>> {
    match shape {
        Shape::Record(record) => {
            let one_of = |kinds: &[&Table]| kinds.iter().any(|kind| kind.place == table.place);
            let same = record.place == table.place
                || record.place == STEP.place && one_of(&ACTIONS)
                || record.place == ORIGIN.place && one_of(&ORIGINS);
            same.then_some(lines)
        }
        Shape::Named(inner) => {
            let inner = value(*inner, table, lines)?;
            Some(
                ["example:".to_owned()]
                    .into_iter()
                    .chain(indented(inner))
                    .collect(),
            )
        }
        Shape::List(inner) => {
            let inner = value(*inner, table, lines)?;
            Some(
                ["-".to_owned()]
                    .into_iter()
                    .chain(indented(inner))
                    .collect(),
            )
        }
        Shape::OneOrMore(inner) => value(*inner, table, lines),
        Shape::Either(short, long) => {
            value(*short, table, lines.clone()).or_else(|| value(*long, table, lines))
        }
        _ => None,
    }
}

/// Writes a file with some lines added to what is declared, or `instead` of what is declared under the same key.
fn whole(key: &str, lines: &[String], instead: bool) -> String {
    let mut file = Vec::new();
    for (declared, entries) in DECLARED {
        if declared == key && instead {
            continue;
        }
        let mut entries: Vec<String> = entries.iter().map(|line| (*line).to_owned()).collect();
        if declared == key {
            entries.extend(lines.iter().cloned());
        }
        file.push(format!("{declared}:"));
        file.extend(indented(entries));
    }
    if instead {
        file.extend(lines.iter().cloned());
    } else if DECLARED.iter().all(|(declared, _)| *declared != key) {
        file.push(format!("{key}:"));
        file.extend(indented(lines.to_vec()));
    }
    file.join("\n")
}

fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("  {line}"))
}
