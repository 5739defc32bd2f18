//! What is made of the manual is as the program says. `UPDATE_DOCS=1` writes it.

use std::fs;

use stagefile::tools::{explain, library, manual};

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
    let manual = fs::read_to_string(PATH).unwrap();
    let names = library::names();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let section = format!("<a id=\"std-{name}\">");
        assert!(
            manual.contains(&section),
            "docs/language.md lacks <!-- std: {name} -->"
        );
        let example = format!("use: std.{name}");
        let shown = manual
            .lines()
            .any(|line| line.trim_start_matches([' ', '-']) == example);
        assert!(shown, "docs/language.md lacks an example of std.{name}");
    }
}
