//! The files in a build's output.

use std::collections::BTreeMap;
use std::io::Read as _;

use tar::{Archive, EntryType};

/// Files of an image, by path without leading or trailing slashes.
#[derive(Debug)]
pub struct Files(BTreeMap<String, Entry>);

/// A file, directory or link of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Permission bits.
    pub mode: u32,
    /// Owner and group.
    pub owner: (u64, u64),
    /// Time of the last change, in seconds since 1970.
    pub modified: u64,
    /// The target of a symbolic or hard link.
    pub link: Option<String>,
    /// Whether it is a directory.
    pub directory: bool,
    /// The content of a regular file.
    pub content: Vec<u8>,
}

impl Files {
    #[track_caller]
    pub(crate) fn read(archive: &[u8]) -> Self {
        let mut files = BTreeMap::new();
        let mut archive = Archive::new(archive);
        for entry in archive.entries().expect("the build wrote a tar archive") {
            let mut entry = entry.expect("the archive is whole");
            let path = entry
                .path()
                .expect("a path has a meaning")
                .to_string_lossy()
                .trim_matches('/')
                .to_owned();
            let header = entry.header();
            let number = |value: std::io::Result<u64>| value.expect("a header field is a number");
            let mut file = Entry {
                mode: header.mode().expect("a mode is a number") & 0o7777,
                owner: (number(header.uid()), number(header.gid())),
                modified: number(header.mtime()),
                link: entry
                    .link_name()
                    .expect("a link has a meaning")
                    .map(|link| link.to_string_lossy().into_owned()),
                directory: header.entry_type() == EntryType::Directory,
                content: Vec::new(),
            };
            entry
                .read_to_end(&mut file.content)
                .expect("a file can be read");
            files.insert(path, file);
        }
        Self(files)
    }

    /// Returns the paths below `directory`, each relative to it, in order.
    #[must_use]
    pub fn below(&self, directory: &str) -> Vec<&str> {
        let prefix = format!("{directory}/");
        self.0
            .keys()
            .filter_map(|path| path.strip_prefix(&prefix))
            .collect()
    }

    /// Returns all paths.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Reports whether a path exists.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }

    /// Returns the entry at a path; panics if there is none.
    #[must_use]
    #[track_caller]
    pub fn entry(&self, path: &str) -> &Entry {
        let Some(entry) = self.0.get(path) else {
            let top: Vec<_> = self.paths().filter(|path| !path.contains('/')).collect();
            panic!("there is no `{path}`; the top holds {top:?}");
        };
        entry
    }

    /// Returns the text of a file; panics if there is none.
    #[must_use]
    #[track_caller]
    pub fn text(&self, path: &str) -> &str {
        str::from_utf8(&self.entry(path).content).expect("a file holds text")
    }
}
