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
