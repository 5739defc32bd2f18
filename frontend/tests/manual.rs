//! The manual's tables are those that the table of keys makes. `UPDATE_DOCS=1` writes them.

use std::fs;

use stagefile::tools::manual;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/language.md");

#[test]
fn the_tables_are_current() {
    let written = fs::read_to_string(PATH).unwrap();
    let made = manual::update(&written);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PATH, &made).unwrap();
    }
    let current = fs::read_to_string(PATH).unwrap();
    assert!(
        current == made,
        "docs/language.md is not current: UPDATE_DOCS=1 cargo test -p stagefile --test manual"
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
