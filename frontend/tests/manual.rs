//! The generated parts of the manual are up to date. `UPDATE_DOCS=1` writes them.

mod documents;

use std::fs;

use documents::{folder, pages};
use stagefile::tools::manual::{self, INDEX, Manual};
use stagefile::tools::{explain, library};
use stagefile_language::syntax::keys::{DEFAULTS, STEP_OPTIONS};

/// The maximum number of words of a page, including tables, so that it can be read in about five minutes.
const WORDS: usize = 1300;

#[test]
fn the_tables_are_current() {
    let manual = Manual::new(pages());
    let mut order = manual.order();
    order.insert(0, INDEX.to_owned());
    let stale: Vec<&String> = order
        .iter()
        .filter(|path| !is_current(path, &manual.updated(path)))
        .collect();
    assert!(stale.is_empty(), "{}", not_current(&stale));
}

#[test]
fn the_pages_of_the_codes_are_current() {
    let path = "diagnostics.md".to_owned();
    assert!(
        is_current(&path, &explain::pages()),
        "{}",
        not_current(&[&path])
    );
}

/// Compares a page with what it should be, after writing it if that is requested.
fn is_current(path: &str, made: &str) -> bool {
    let file = folder().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        // Replaced atomically, since other tests read it at the same time.
        let new = file.with_extension("new");
        fs::write(&new, made)
            .and_then(|()| fs::rename(&new, &file))
            .expect("the manual can be written");
    }
    fs::read_to_string(file).unwrap_or_default() == made
}

fn not_current(paths: &[&String]) -> String {
    format!("not current: {paths:?}: UPDATE_DOCS=1 cargo test -p stagefile --test manual")
}

#[test]
fn the_index_has_every_page() {
    let listed = Manual::new(pages()).order();
    let mut sorted = listed.clone();
    sorted.sort();
    let all = pages().into_iter().map(|(path, _)| path);
    let all: Vec<String> = all.filter(|path| path.starts_with("language/")).collect();
    assert_eq!(sorted, all, "docs/{INDEX} lists each page once");
}

#[test]
fn a_page_is_read_in_five_minutes() {
    let is_page = |path: &str| path.starts_with("language/") || path == "from-dockerfile.md";
    let long: Vec<String> = pages()
        .into_iter()
        .map(|(path, text)| (path, text.split_whitespace().count()))
        .filter(|(path, words)| is_page(path) && *words > WORDS)
        .map(|(path, words)| format!("docs/{path}: {words} words"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn links_lead_somewhere() {
    let readme = fs::read_to_string(folder().join("../README.md")).unwrap();
    let mut documents = pages();
    documents.push(("../README.md".to_owned(), readme));
    let mut broken = Vec::new();
    for (document, text) in documents {
        let path = folder().join(&document);
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap_or_default();
            if link.starts_with("http") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = match file {
                "" => path.clone(),
                file => path.with_file_name("").join(file),
            };
            let found = fs::read_to_string(&file).ok();
            let has_anchor =
                |text: &str| anchor.is_empty() || anchors(text).any(|one| one == anchor);
            if !file.is_dir() && !found.is_some_and(|text| has_anchor(&text)) {
                broken.push(format!("docs/{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Lists the anchors of a page: its headings, and elements with an ID.
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
fn every_table_is_in_the_manual_once() {
    let pages = pages();
    let names: Vec<&str> = pages
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.strip_prefix("<!-- tables: ")?.strip_suffix(" -->"))
        .flat_map(|names| names.split(' '))
        .collect();
    for table in manual::tables() {
        let times = names.iter().filter(|name| **name == table).count();
        assert_eq!(times, 1, "{table} in docs/language");
    }
}

#[test]
fn rows_that_tables_share_are_printed_once() {
    let manual: Vec<String> = pages().into_iter().map(|(_, text)| text).collect();
    let manual = manual.join("\n");
    for key in DEFAULTS.keys.iter().chain(STEP_OPTIONS.keys) {
        let times = manual.matches(key.meaning).count();
        assert_eq!(times, 1, "{}: {}", key.name, key.meaning);
    }
}

#[test]
fn every_template_of_the_standard_library_is_in_the_manual() {
    let manual: Vec<String> = pages().into_iter().map(|(_, text)| text).collect();
    let manual = manual.join("\n");
    let names = library::names();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        let section = format!("<a id=\"std-{name}\">");
        assert!(
            manual.contains(&section),
            "docs/language lacks <!-- std: {name} -->"
        );
        let example = format!("use: std.{name}");
        let shown = manual
            .lines()
            .any(|line| line.trim_start_matches([' ', '-']) == example);
        assert!(shown, "docs/language lacks an example of std.{name}");
    }
}
