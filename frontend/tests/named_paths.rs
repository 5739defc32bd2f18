//! Files that documents about the code name exist.

use std::fs;
use std::path::{Path, PathBuf};

/// Documents that name parts of the repository: those in its root, and the design decisions.
fn documents() -> Vec<PathBuf> {
    let root = root();
    let folders = [root.clone(), root.join("docs"), root.join("docs/design")];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("a folder"))
        .map(|entry| entry.expect("an entry").path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Lists text between backticks that begins with a folder of the repository, other than the build folder. Patterns are
/// left out: they don't name a single file.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let is_path = |word: &&str| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
        let first = word.split_once('/').map_or("", |(first, _)| first);
        !["", "target"].contains(&first) && word.chars().all(plain) && root().join(first).is_dir()
    };
    text.split('`').skip(1).step_by(2).filter(is_path)
}

#[test]
fn named_files_exist() {
    let mut missing = Vec::new();
    let mut count = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document");
        for name in named(&text) {
            count += 1;
            if !root().join(name).exists() {
                missing.push(format!("{}: {name}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(count > 50, "only {count} files are named");
}

#[test]
fn links_of_documents_about_the_code_lead_somewhere() {
    let mut missing = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).expect("a document");
        for link in text.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap_or_default();
            if link.contains("://") || link.is_empty() {
                continue;
            }
            if !document.with_file_name(link).exists() {
                missing.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
