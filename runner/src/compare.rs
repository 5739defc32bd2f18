//! The files that differ between two directories.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::examination::sha256;
use super::reserved::{AFTER, BEFORE};

/// The subcommand that compares directories, which isn't meant for users.
pub(super) const VERB: &str = "compare-files";
/// The file with the answer.
pub const LISTING: &str = "/files.json";
/// The maximum number of files in a directory.
const MAX_FILES: usize = 1_000_000;
/// The maximum number of differing files that are listed.
const MAX_LISTED: usize = 10_000;

/// Returns the arguments with which our program compares the mounted directories. Modes are reduced to what Git tracks,
/// unless `exact` is set.
pub fn arguments(exact: bool) -> [String; 2] {
    [VERB, if exact { "modes" } else { "git" }].map(str::to_owned)
}

/// Compares the mounted directories, and writes the differences to a file.
pub(super) fn run(arguments: &[OsString]) -> io::Result<()> {
    let exact = arguments.first().is_some_and(|word| word == "modes");
    let found = compare(Path::new(BEFORE), Path::new(AFTER), exact)?;
    fs::write(LISTING, found.to_string())
}

/// Returns the files that differ between two directories, with both versions; empty if there are none. Directories
/// themselves are ignored.
fn compare(before: &Path, after: &Path, exact: bool) -> io::Result<Value> {
    let (old, new) = (list(before)?, list(after)?);
    let (mut files, mut more) = (BTreeMap::new(), 0);
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let say = |files: &BTreeMap<String, PathBuf>| match files.get(name) {
            Some(path) => say(path, exact),
            None => Ok(String::new()),
        };
        let (was, is) = (say(&old)?, say(&new)?);
        if was == is {
            continue;
        }
        if files.len() < MAX_LISTED {
            files.insert(name, [was, is]);
        } else {
            more += 1;
        }
    }
    Ok(json!({ "files": files, "more": more }))
}

/// Returns all files below a directory. It doesn't recurse, since the depth is not under our control.
fn list(directory: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![(directory.to_owned(), String::new())];
    while let Some((directory, above)) = pending.pop() {
        if !directory.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            let path = format!("{above}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                pending.push((entry.path(), format!("{path}/")));
                continue;
            }
            files.insert(path, entry.path());
            if files.len() > MAX_FILES {
                let message = "the build context has too many files to be compared";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
    }
    Ok(files)
}

/// Describes a file: the digest of its content, and its mode in Git's format.
fn say(path: &Path, exact: bool) -> io::Result<String> {
    let found = fs::symlink_metadata(path)?;
    if found.is_symlink() {
        let digest = sha256(fs::read_link(path)?.as_os_str().as_bytes())?;
        return Ok(format!("{digest} (120000)"));
    }
    // Nothing can be read from a pipe.
    let digest = if found.is_file() {
        sha256(File::open(path)?)?
    } else {
        String::new()
    };
    let permissions = match (exact, found.mode() & 0o100) {
        (true, _) => found.mode() & 0o7777,
        (false, 0) => 0o644,
        (false, _) => 0o755,
    };
    Ok(format!(
        "{digest} ({:o})",
        found.mode() & 0o17_0000 | permissions
    ))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn files_differ_in_content_mode_and_in_being_there() {
        let folder = tempfile::tempdir().unwrap();
        let sides = ["old", "new"].map(|side| folder.path().join(side));
        for side in &sides {
            fs::create_dir_all(side.join("sub/dir")).unwrap();
            for name in ["same", "sub/content", "mode", "program"] {
                fs::write(side.join(name), "1").unwrap();
                fs::set_permissions(side.join(name), Permissions::from_mode(0o644)).unwrap();
            }
        }
        let [old, new] = &sides;
        fs::write(new.join("sub/content"), "2").unwrap();
        fs::set_permissions(new.join("mode"), Permissions::from_mode(0o600)).unwrap();
        fs::set_permissions(new.join("program"), Permissions::from_mode(0o700)).unwrap();
        fs::write(old.join("gone"), "").unwrap();
        symlink("same", new.join("link")).unwrap();
        let names = |exact: bool| {
            let found = compare(old, new, exact).unwrap();
            let files = found["files"].as_object().unwrap().keys().cloned();
            files.collect::<Vec<_>>()
        };
        assert_eq!(
            names(true),
            ["gone", "link", "mode", "program", "sub/content"]
        );
        assert_eq!(names(false), ["gone", "link", "program", "sub/content"]);
        let found = compare(old, new, false).unwrap();
        let digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
        let said = |mode: u32| format!("{digest} ({mode})");
        assert_eq!(
            found["files"]["program"],
            json!([said(100_644), said(100_755)])
        );
        assert_eq!(found["files"]["gone"][1], "");
        assert_eq!(found["more"], 0);
        assert_eq!(compare(old, old, true).unwrap()["files"], json!({}));
    }
}
