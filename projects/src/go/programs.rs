//! The programs of a module: its `main` packages.

use std::collections::BTreeMap;

use super::source;
use crate::Project;

/// The paths at which programs are searched, each with the files that identify them. Later ones are only used if
/// earlier ones have no programs.
pub(super) const PLACES: [&[&str]; 2] = [
    &["*.go", "cmd/*.go", "cmd/*/*.go", "cmd/*/*/*.go"],
    &["*/main.go", "*/*/main.go"],
];

/// Directories with programs that aren't meant for the image.
const TOOLS: [&str; 11] = [
    "example",
    "examples",
    "_examples",
    "hack",
    "tools",
    "scripts",
    "test",
    "tests",
    "internal",
    "testdata",
    "docs",
];

/// A program: the directory of its package, and what is known of its sources.
pub(super) struct Program<'a> {
    pub(super) folder: String,
    pub(super) sources: Vec<&'a str>,
}

/// Returns the programs of the module, by the names that Go gives them.
pub(super) fn programs<'a>(project: &Project<'a>, module: &str) -> BTreeMap<String, Program<'a>> {
    let mut programs = BTreeMap::new();
    for places in PLACES {
        for place in places {
            for (path, text) in project.files.matching(&project.beside(place)) {
                let below = path
                    .strip_prefix(project.folder())
                    .unwrap_or(path)
                    .trim_start_matches('/');
                let folder = below.rsplit_once('/').map_or("", |(folder, _)| folder);
                if folder
                    .split('/')
                    .any(|name| TOOLS.contains(&name) || !is_plain(name))
                    || !source::is_program(path, text)
                {
                    continue;
                }
                let name = if folder.is_empty() {
                    last_name(module)
                } else {
                    last_name(folder)
                };
                let program = programs.entry(name).or_insert_with(|| Program {
                    folder: folder.to_owned(),
                    sources: Vec::new(),
                });
                if program.folder == folder {
                    program.sources.push(text);
                }
            }
        }
        if !programs.is_empty() {
            break;
        }
    }
    programs
}

/// Reports whether a directory name never needs quotes; other directories contain no programs meant for an image.
fn is_plain(name: &str) -> bool {
    !name.starts_with('.')
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter))
}

/// Returns Go's name for the program of a package: the last part of its path that isn't a version.
pub(super) fn last_name(path: &str) -> String {
    let mut names = path.rsplit('/');
    let last = names.next().unwrap_or(path);
    let is_version = last.strip_prefix('v').is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let name = if is_version {
        names.next().unwrap_or(last)
    } else {
        last
    };
    name.to_owned()
}
