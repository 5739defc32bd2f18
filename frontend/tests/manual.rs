//! What is made of the manual is as the program says. `UPDATE_DOCS=1` writes it.

use std::fs;

use stagefile::tools::{explain, manual};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/language.md");
const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/diagnostics.md");

#[test]
fn the_tables_are_current() {
    let written = fs::read_to_string(PATH).unwrap();
    check(PATH, &manual::update(&written));
}

#[test]
fn the_pages_of_the_codes_are_current() {
    check(PAGES, &explain::pages());
}

fn check(path: &str, made: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, made).expect("the manual can be written");
    }
    let current = fs::read_to_string(path).unwrap_or_default();
    assert!(
        current == made,
        "{path} is not current: UPDATE_DOCS=1 cargo test -p stagefile --test manual"
    );
}

#[test]
fn every_table_is_in_the_manual() {
    let written = fs::read_to_string(PATH).unwrap();
    let comments: Vec<&str> = written
        .lines()
        .filter(|line| line.starts_with("<!-- tables: "))
        .collect();
    for table in manual::tables() {
        let named = comments
            .iter()
            .any(|line| line.split(' ').any(|word| word == table));
        assert!(named, "{table} is not in docs/language.md");
    }
}

#[test]
fn every_template_of_the_standard_library_is_in_the_manual() {
    let library = include_str!("../src/std/std.yaml");
    let manual = include_str!("../../docs/language.md");
    let templates = library.split_once("templates:\n").unwrap().1;
    let names = templates
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   ") && line.ends_with(':'))
        .map(|line| line.trim().trim_end_matches(':'));
    let missing: Vec<&str> = names
        .filter(|name| !manual.contains(&format!("| `std.{name}` |")))
        .collect();
    assert_eq!(missing, [""; 0], "templates that docs/language.md lacks");
}
