//! Layers as mounted directories: what each layer adds, and for those that may remove something also all files after it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::super::reserved::{added_in, whole_after};
use super::{Content, Layers};

/// The subcommand that inspects layers, which isn't meant for users.
pub(in super::super) const VERB: &str = "look-at-layers";
/// The file with the answer.
pub const LISTING: &str = "/layers.json";
/// The maximum number of bytes that are read to compare files. Beyond that, files count as different.
const MAX_READ: u64 = 64 << 30;
/// The number of bytes of a file that are read at a time.
const PIECE: usize = 64 << 10;

/// Returns the arguments with which our program inspects this number of layers.
pub fn arguments(count: usize) -> [String; 2] {
    [VERB.to_owned(), count.to_string()]
}

/// Inspects layers, and writes their effects to a file.
pub(in super::super) fn run(arguments: &[OsString]) -> io::Result<()> {
    let count = arguments
        .first()
        .and_then(|count| count.to_str()?.parse().ok());
    let count: usize = count.ok_or(io::ErrorKind::InvalidInput)?;
    let place = |layer| (added_in(layer).into(), whole_after(layer).into());
    let layers = look((0..count).map(place))?;
    fs::write(LISTING, layers.json().to_string())
}

/// Inspects layers: for each, a directory with what it adds, and optionally one with all files after it.
fn look(places: impl Iterator<Item = (PathBuf, PathBuf)>) -> io::Result<Layers> {
    let mut layers = Layers::default();
    let mut added: Vec<PathBuf> = Vec::new();
    let mut left = MAX_READ;
    for (directory, whole) in places {
        layers.begin();
        if directory.is_dir() {
            walk(&directory, &mut layers)?;
        }
        if whole.is_dir() {
            // A name that isn't UTF-8 can't be looked up.
            let is_there = |path: &str| {
                path.contains(char::REPLACEMENT_CHARACTER)
                    || fs::symlink_metadata(whole.join(path)).is_ok_and(|found| !found.is_dir())
            };
            let gone = layers.known().filter(|path| !is_there(path));
            let gone = gone.map(str::to_owned);
            for path in gone.collect::<Vec<_>>() {
                layers.hide(&path, false);
            }
        }
        added.push(directory);
        let here = added.len() - 1;
        layers.end(&mut |path, before| {
            // Unreadable files count as different.
            is_same(
                &added[before].join(path),
                &added[here].join(path),
                &mut left,
            )
            .unwrap_or(false)
        })?;
    }
    Ok(layers)
}

/// Adds all files below a directory. It doesn't recurse, since the depth is not under our control.
fn walk(directory: &Path, layers: &mut Layers) -> io::Result<()> {
    let mut pending = vec![(directory.to_owned(), String::new())];
    // If a file has several names, only one has its size.
    let mut linked: BTreeSet<(u64, u64)> = BTreeSet::new();
    while let Some((directory, above)) = pending.pop() {
        let mut entries = fs::read_dir(&directory)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_unstable_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let found = entry.metadata()?;
            let path = format!("{above}{}", entry.file_name().to_string_lossy());
            let kind = found.file_type();
            if kind.is_dir() {
                pending.push((entry.path(), format!("{path}/")));
            } else if is_whiteout(&found) {
                // It stands for something that was removed.
            } else if kind.is_symlink() {
                let target = fs::read_link(entry.path())?;
                let digest = Sha256::digest(target.as_os_str().as_bytes());
                layers.add(path, 0, Content::Symlink(digest.into()))?;
            } else if kind.is_file() {
                let is_first = found.nlink() < 2 || linked.insert((found.dev(), found.ino()));
                let size = if is_first { found.len() } else { 0 };
                layers.add(path, size, Content::Unread)?;
            } else {
                layers.add(path, 0, Content::Other)?;
            }
        }
    }
    Ok(())
}

/// Reports whether a file is an overlay's marker for a removed file.
fn is_whiteout(found: &Metadata) -> bool {
    found.file_type().is_char_device() && found.rdev() == 0
}

/// Reports whether two files have the same content, within the remaining read limit.
fn is_same(one: &Path, other: &Path, left: &mut u64) -> io::Result<bool> {
    let (one, other) = (Regular::open(one)?, Regular::open(other)?);
    if one.size != other.size || one.size > *left {
        return Ok(false);
    }
    *left -= one.size;
    let (mut here, mut there) = (vec![0; PIECE], vec![0; PIECE]);
    let (mut one, mut other) = (one.file, other.file);
    loop {
        let count = one.read(&mut here)?;
        if count == 0 {
            return Ok(true);
        }
        other.read_exact(&mut there[..count])?;
        if here[..count] != there[..count] {
            return Ok(false);
        }
    }
}

/// A file that is neither a link nor a pipe.
struct Regular {
    file: File,
    size: u64,
}

impl Regular {
    fn open(path: &Path) -> io::Result<Self> {
        let found = fs::symlink_metadata(path)?;
        if !found.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = File::open(path)?;
        let size = found.len();
        Ok(Self { file, size })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use serde_json::{Value, json};

    use super::*;

    /// What a layer adds, as paths with content, and the files after it.
    type Example<'a> = (&'a [(&'a str, &'a str)], Option<&'a [&'a str]>);

    fn looked(layers: &[Example<'_>]) -> Value {
        let folder = tempfile::tempdir().unwrap();
        let write = |root: &Path, path: &str, content: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match content.strip_prefix("-> ") {
                Some(target) => symlink(target, path).unwrap(),
                None => fs::write(path, content).unwrap(),
            }
        };
        let mut places = Vec::new();
        for (number, (added, whole)) in layers.iter().enumerate() {
            let place = folder.path().join(format!("added-{number}"));
            fs::create_dir(&place).unwrap();
            added
                .iter()
                .for_each(|(path, text)| write(&place, path, text));
            let all = folder.path().join(format!("whole-{number}"));
            if let Some(paths) = whole {
                fs::create_dir(&all).unwrap();
                paths.iter().for_each(|path| write(&all, path, ""));
            }
            places.push((place, all));
        }
        look(places.into_iter()).unwrap().json()
    }

    #[test]
    fn what_each_layer_does_is_seen_in_its_files() {
        let base = [
            ("bin/sh", "shell"),
            ("etc/a", "1"),
            ("etc/b", "22"),
            ("lib", "-> usr/lib"),
            ("old/x/y", "333"),
        ];
        let run = [
            ("bin/sh", "shell"),
            ("etc/a", "2"),
            ("lib", "-> usr/lib"),
            ("tmp/big", "4444"),
        ];
        let json = looked(&[
            (&base, None),
            (&run, Some(&["bin/sh", "etc/a", "etc/b", "lib", "tmp/big"])),
            // Nothing indicates that it removes something.
            (&[("etc/b", "2")], None),
        ]);
        let layer = &json["layers"][1];
        assert_eq!(layer["again"]["paths"], json!(["bin/sh", "lib"]));
        assert_eq!(layer["replaced"]["paths"], json!(["etc/a"]));
        assert_eq!(layer["removed"]["paths"], json!(["old/x/y"]));
        assert_eq!(json["layers"][2]["replaced"]["bytes"], 2);
        assert_eq!(json["wasted"], 5 + 1 + 3 + 2);
        assert_eq!(json["unneeded"][0]["pattern"], "tmp/");
        assert_eq!(json["largest"][0]["path"], "bin/sh");
        assert_eq!(json["largest"][0]["layer"], 2);
    }

    #[test]
    fn names_of_one_file_have_its_size_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "12345").unwrap();
        fs::hard_link(folder.path().join("a"), folder.path().join("b")).unwrap();
        let none = folder.path().join("none");
        let places = [
            (folder.path().to_owned(), none.clone()),
            (none.clone(), none),
        ];
        let json = look(places.into_iter()).unwrap().json();
        assert_eq!(json["layers"][0]["files"], 2);
        assert_eq!(json["bytes"], 5);
    }

    #[test]
    fn no_more_is_read_than_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("1"), folder.path().join("2"));
        fs::write(&one, "same").unwrap();
        fs::write(&two, "same").unwrap();
        let mut left = 6;
        assert!(is_same(&one, &two, &mut left).unwrap());
        assert!(!is_same(&one, &two, &mut left).unwrap());
        assert_eq!(left, 2);
    }
}
