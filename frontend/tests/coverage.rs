//! Every key of the language occurs in a case without errors, whose graph is recorded, or in an example, which is
//! built.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::source::Source;
use stagefile_language::syntax::keys::{
    ACTIONS, FILE, MATRIX, ORIGIN, ORIGINS, STAGE, STEP, Shape, TABLES, Table,
};
use stagefile_language::syntax::tree::{self, Node, Value};

/// Keys that only work if the client provides something; tests with a real daemon cover them.
const ELSEWHERE: [&str; 2] = ["ORIGIN.context", "CONTEXT_ORIGIN.context"];

/// The place of a key's table, and the key's name.
type Seen = BTreeSet<(&'static str, &'static str)>;

#[test]
fn every_key_stands_in_a_case_or_an_example() {
    let mut seen = Seen::new();
    for path in good_stagefiles() {
        let text = fs::read_to_string(&path).expect("a file");
        let source = Source::new("Stagefile", text);
        let mut found = Diagnostics::default();
        if let Some(tree) = tree::read(&source, &mut found) {
            record(&tree, &FILE, &mut seen);
        }
    }
    let missing: Vec<String> = TABLES
        .iter()
        .flat_map(|(name, table)| table.keys.iter().map(move |key| (*name, *table, key)))
        .filter(|(_, table, key)| !seen.contains(&(table.place, key.name)))
        .map(|(name, _, key)| format!("{name}.{}", key.name))
        .filter(|key| !ELSEWHERE.contains(&key.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "no case in frontend/tests/cases has: {}",
        missing.join(", ")
    );
}

/// Records the keys of a mapping and of everything in it.
fn record(node: &Node, table: &'static Table, seen: &mut Seen) {
    let Value::Mapping(entries) = &node.value else {
        return;
    };
    let has = |key: &str| entries.iter().any(|entry| entry.key.text == key);
    // If a key says what the mapping is, the table is the one for that key.
    let choice: &[&'static Table] = match table.place {
        place if place == STEP.place => &ACTIONS,
        place if place == ORIGIN.place => &ORIGINS,
        _ => &[],
    };
    let chosen = choice.iter().find(|table| has(table.main()));
    for table in [table].into_iter().chain(chosen.copied()) {
        for entry in entries.iter() {
            if let Some(key) = table.key(&entry.key.text) {
                seen.insert((table.place, key.name));
                value(&entry.value, key.shape, seen);
                if (table.place, key.name) == (STAGE.place, "matrix") {
                    record(&entry.value, &MATRIX, seen);
                }
            }
        }
    }
}

fn value(node: &Node, shape: Shape, seen: &mut Seen) {
    match (shape, &node.value) {
        (Shape::Record(table), _) => record(node, table, seen),
        (Shape::Named(inner), Value::Mapping(entries)) => entries
            .iter()
            .for_each(|entry| value(&entry.value, *inner, seen)),
        (Shape::List(inner) | Shape::OneOrMore(inner), Value::Sequence(items)) => {
            items.iter().for_each(|item| value(item, *inner, seen));
        }
        (Shape::OneOrMore(inner), _) => value(node, *inner, seen),
        (Shape::Either(short, long), _) => {
            value(node, *short, seen);
            value(node, *long, seen);
        }
        _ => {}
    }
}

/// Lists the examples, and the cases whose graph is recorded.
fn good_stagefiles() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests/cases"), root.join("../examples")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let example = folder.starts_with(root.join("../examples"));
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "Stagefile")
                && (example || folder.join("llb.snap").exists())
            {
                files.push(path);
            }
        }
    }
    files
}
