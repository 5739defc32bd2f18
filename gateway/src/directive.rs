//! Directives: comments at the start of a file that control how it is read.
//!
//! Clients and frontends of all languages search for them by the same rules
//! (`frontend/dockerfile/parser/directives.go`), so that a file means the same to all of them.

use serde_json::Value;

/// The names of directives. Any other name ends the directives.
const NAMES: [&str; 3] = ["syntax", "escape", "check"];

/// A directive found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Directive {
    /// The full value.
    pub value: String,
    /// The line, counted from 1. If the whole file is JSON, the line is 0, or 1 after a shebang line.
    pub line: usize,
}

impl Directive {
    /// Returns the image in a `syntax` directive: the value up to the first space. The rest is for the
    /// frontend.
    pub fn image(&self) -> &str {
        self.value
            .split_once(' ')
            .map_or(&self.value, |(image, _)| image)
    }
}

/// Finds the frontend that a file requests: `# syntax=IMAGE`, `// syntax=IMAGE`, or JSON with a key
/// `syntax`.
///
/// ```
/// let file = b"# syntax=stagefile/stagefile:1\nstages: {}\n";
/// let syntax = buildkit_gateway::directive::syntax(file).expect("a directive");
/// assert_eq!((syntax.image(), syntax.line), ("stagefile/stagefile:1", 1));
/// ```
pub fn syntax(file: &[u8]) -> Option<Directive> {
    let (file, skipped) = without_preface(file);
    let commented = ["#", "//"]
        .iter()
        .find_map(|comment| find("syntax", file, skipped, comment));
    commented.or_else(|| {
        let json: Value = serde_json::from_slice(file).ok()?;
        let value = json.as_object()?.get("syntax")?.as_str()?.to_owned();
        Some(Directive {
            value,
            line: skipped,
        })
    })
}

/// Finds the checks that a file requests: `# check=RULES`.
pub fn check(file: &[u8]) -> Option<Directive> {
    let (file, skipped) = without_preface(file);
    find("check", file, skipped, "#")
}

/// Skips a byte order mark and a shebang line, and counts the lines skipped.
fn without_preface(file: &[u8]) -> (&[u8], usize) {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    if !file.starts_with(b"#!") {
        return (file, 0);
    }
    let end = file
        .iter()
        .position(|&byte| byte == b'\n')
        .map_or(file.len(), |end| end + 1);
    (&file[end..], 1)
}

/// Searches the directive lines at the start of the file. The first one with a name counts, and a
/// repeated name ends the search.
fn find(wanted: &str, file: &[u8], skipped: usize, comment: &str) -> Option<Directive> {
    let mut seen: Vec<&str> = Vec::new();
    for (line, number) in file.split(|&byte| byte == b'\n').zip(skipped + 1..) {
        let line = str::from_utf8(line).ok()?;
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (name, value) = pair(line.strip_prefix(comment)?)?;
        let name = NAMES
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name))?;
        if seen.contains(&name) {
            return None;
        }
        if name == wanted {
            return Some(Directive {
                value: value.to_owned(),
                line: number,
            });
        }
        seen.push(name);
    }
    None
}

/// Splits `NAME = VALUE`. Neither may be empty.
fn pair(comment: &str) -> Option<(&str, &str)> {
    let (name, value) = comment.trim_start().split_once('=')?;
    let (name, value) = (name.trim_ascii_end(), value.trim_ascii());
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_name && !value.is_empty()).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_clients_find() {
        let cases = [
            ("# syntax=a/b:1\n", Some(("a/b:1", 1))),
            ("#syntax = a\r\nFROM x", Some(("a", 1))),
            ("#   SYNTAX=a --flag  \n", Some(("a --flag", 1))),
            ("\u{feff}# syntax=a", Some(("a", 1))),
            ("#!/usr/bin/env x\n# syntax=a", Some(("a", 2))),
            ("# escape=`\n# check=skip=all\n# syntax=a", Some(("a", 3))),
            ("// syntax=a\n", Some(("a", 1))),
            ("//syntax=a", Some(("a", 1))),
            (r#"{"syntax":"a b","x":1}"#, Some(("a b", 0))),
            ("#!x\n{\"syntax\":\"a\"}", Some(("a", 1))),
            ("", None),
            ("#!/bin/sh", None),
            ("# a comment\n# syntax=a", None),
            ("\n# syntax=a", None),
            (" # syntax=a", None),
            ("# syntax=\n", None),
            ("# other=1\n# syntax=a", None),
            ("# escape=`\n# escape=`\n# syntax=a", None),
            ("; syntax=a", None),
            (r#"{"syntax":1}"#, None),
            (r#"{"syntax":"a"} x"#, None),
            (r#"["syntax"]"#, None),
        ];
        for (file, expected) in cases {
            let found = syntax(file.as_bytes());
            let found = found
                .as_ref()
                .map(|found| (found.value.as_str(), found.line));
            assert_eq!(found, expected, "{file:?}");
        }
    }

    #[test]
    fn other_bytes_are_no_directive() {
        assert_eq!(syntax(b"# syntax=\xff"), None);
        assert_eq!(syntax(b"# syntax=a\n\xff").unwrap().image(), "a");
    }

    #[test]
    fn options_follow_the_image() {
        let directive = syntax(b"# syntax=a/b one two").unwrap();
        assert_eq!(
            (directive.image(), directive.value.as_str()),
            ("a/b", "a/b one two")
        );
    }

    #[test]
    fn checks_are_found_in_comments_only() {
        assert_eq!(
            check(b"# syntax=a\n# check=skip=X;error=true")
                .unwrap()
                .value,
            "skip=X;error=true"
        );
        assert_eq!(check(b"// check=skip=X"), None);
    }
}
