//! What is made of the manual is as the program says. `UPDATE_DOCS=1` writes it.

use std::fs;
use std::path::Path;

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
        // At once: the test of links reads it meanwhile.
        let new = format!("{path}.new");
        fs::write(&new, made)
            .and_then(|()| fs::rename(&new, path))
            .expect("the manual can be written");
    }
    let current = fs::read_to_string(path).unwrap_or_default();
    assert!(
        current == made,
        "{path} is not current: UPDATE_DOCS=1 cargo test -p stagefile --test manual"
    );
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut broken = Vec::new();
    for document in ["README.md", "docs/language.md", "docs/diagnostics.md"] {
        let path = root.join(document);
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap_or_default();
            if link.starts_with("http") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = match file {
                "" => path.clone(),
                file => path.with_file_name(file),
            };
            let found = fs::read_to_string(&file).ok();
            let has_anchor =
                |text: &str| anchor.is_empty() || anchors(text).any(|one| one == anchor);
            if !file.is_dir() && !found.is_some_and(|text| has_anchor(&text)) {
                broken.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Lists what links into a text can name: its headings, and what has an id.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim())
        .map(manual::anchor);
    let ids = text
        .split("<a id=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(id, _)| id.to_owned());
    headings.chain(ids)
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
