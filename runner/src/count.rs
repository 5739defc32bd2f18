//! Checks that a pattern has a single match, where only one file can have the new name.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use super::say;

/// The subcommand, which isn't meant for users.
pub(super) const VERB: &str = "one-match";
/// The maximum number of matches that are named.
const MAX_NAMED: usize = 5;

/// Returns the arguments with which our program counts the files in a directory: the matches of a pattern, of which one
/// is to be named `to`.
pub fn count_arguments(directory: &str, pattern: &str, to: &str, optional: bool) -> [String; 5] {
    let least = if optional { "0" } else { "1" };
    [VERB, directory, pattern, to, least].map(str::to_owned)
}

/// Counts the matches; returns the exit code.
pub(super) fn run(arguments: &[OsString]) -> Option<u8> {
    let [directory, pattern, to, least] = arguments else {
        return None;
    };
    let (pattern, to) = (pattern.to_string_lossy(), to.to_string_lossy());
    let found = match names(directory.as_ref()) {
        Ok(names) => complaint(&names, &pattern, &to, least == "0"),
        Err(error) => Some(error.to_string()),
    };
    let Some(complaint) = found else {
        return Some(0);
    };
    say(&complaint);
    Some(1)
}

fn names(directory: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(directory)?;
    let mut names = entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Returns an error message if the number of matches is wrong.
fn complaint(names: &[String], pattern: &str, to: &str, none_is_fine: bool) -> Option<String> {
    match names {
        [] if none_is_fine => None,
        [] => Some(format!("`{pattern}` matches nothing that isn't left out")),
        [_] => None,
        many => {
            let shown = many.iter().take(MAX_NAMED);
            let mut shown: Vec<String> = shown.map(|name| format!("`{name}`")).collect();
            if many.len() > MAX_NAMED {
                shown.push("…".to_owned());
            }
            Some(format!(
                "`{pattern}` matches {} paths ({}), and only one can be called `{to}`; for a directory of them write `to: {to}/`",
                many.len(),
                shown.join(", ")
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_match_is_fine() {
        let names = |count: usize| (0..count).map(|name| name.to_string()).collect::<Vec<_>>();
        let complaint = |count, none| complaint(&names(count), "*.jar", "/app.jar", none);
        assert_eq!(complaint(1, false), None);
        assert_eq!(complaint(0, true), None);
        assert!(complaint(0, false).is_some_and(|text| text.contains("matches nothing")));
        let many = complaint(7, true).unwrap();
        assert!(
            many.contains("7 paths (`0`, `1`, `2`, `3`, `4`, …)"),
            "{many}"
        );
        assert!(many.contains("`to: /app.jar/`"), "{many}");
    }

    #[test]
    fn a_directory_is_counted() {
        let directory = tempfile::tempdir().unwrap();
        let run = || {
            let [_, directory, pattern, to, least] =
                count_arguments(directory.path().to_str().unwrap(), "*", "/a", false);
            run(&[directory, pattern, to, least].map(OsString::from))
        };
        assert_eq!(run(), Some(1));
        fs::write(directory.path().join(".a"), "").unwrap();
        assert_eq!(run(), Some(0));
        fs::create_dir(directory.path().join("b")).unwrap();
        assert_eq!(run(), Some(1));
        assert_eq!(super::run(&[]), None);
    }
}
