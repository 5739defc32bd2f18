//! The files that are open in the editor, and those in its folders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use lsp_types::{DidChangeTextDocumentParams, InitializeParams, Uri};
use stagefile_language::syntax::tree::Node;

use super::document::{Document, path_of, real, uri_of};
use super::names::{child, entries};
use crate::tools::reading;

/// The maximum number of directory entries, over all folders, that are searched for Stagefiles.
const MAX_ENTRIES: usize = 5_000;
/// The maximum number of Stagefiles that are found this way.
const MAX_FILES: usize = 200;
/// The maximum depth of directories that are searched in a folder.
const DEEPEST: usize = 6;

/// The open files.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    documents: BTreeMap<String, Document>,
    /// The editor's folders.
    pub(super) roots: Vec<PathBuf>,
    /// Files that have changed since they were checked.
    unchecked: BTreeSet<String>,
}

impl Workspace {
    /// Creates a workspace from the editor's `initialize` request.
    pub(super) fn new(given: &InitializeParams) -> Self {
        let folders = given.workspace_folders.iter().flatten();
        let mut roots: Vec<PathBuf> = folders.filter_map(|folder| path_of(&folder.uri)).collect();
        #[expect(deprecated, reason = "older editors give nothing else")]
        if let (true, Some(root)) = (roots.is_empty(), &given.root_uri) {
            roots.extend(path_of(root));
        }
        Self {
            roots,
            ..Self::default()
        }
    }

    /// Adds a file that the editor opens.
    pub(super) fn open(&mut self, uri: Uri, version: i32, text: String) {
        let key = uri.as_str().to_owned();
        self.documents
            .insert(key.clone(), Document::new(uri, version, text));
        self.unchecked.insert(key);
    }

    /// Changes a file.
    pub(super) fn change(&mut self, given: DidChangeTextDocumentParams) {
        let key = given.text_document.uri.as_str().to_owned();
        let Some(document) = self.documents.get_mut(&key) else {
            return;
        };
        for change in given.content_changes {
            match change.range {
                Some(range) => document.text.replace(range, &change.text),
                None => document.text = super::text::Text::new(change.text),
            }
        }
        document.version = given.text_document.version;
        document.read();
        self.unchecked.insert(key);
    }

    /// Removes a file that the editor closes.
    pub(super) fn close(&mut self, uri: &Uri) {
        self.documents.remove(uri.as_str());
        self.unchecked.remove(uri.as_str());
    }

    /// Marks all files to be checked again: one may depend on another that has changed.
    pub(super) fn check_all(&mut self) {
        self.unchecked.extend(self.documents.keys().cloned());
    }

    /// Tells whether all files are checked.
    pub(super) fn is_checked(&self) -> bool {
        self.unchecked.is_empty()
    }

    /// Tells whether a file has changed since it was checked.
    pub(super) fn is_changed(&self, document: &Document) -> bool {
        self.unchecked.contains(document.uri.as_str())
    }

    /// Returns the next file to check.
    pub(super) fn next_unchecked(&mut self) -> Option<String> {
        self.unchecked.pop_first()
    }

    /// Returns an open file.
    pub(super) fn get(&self, uri: &Uri) -> Option<&Document> {
        self.documents.get(uri.as_str())
    }

    /// Returns an open file by its URI, for changes.
    pub(super) fn get_mut(&mut self, uri: &str) -> Option<&mut Document> {
        self.documents.get_mut(uri)
    }

    /// Returns the file that another imports under a name: as open in the editor, or else from the disk. Only files in
    /// the editor's folders and in the importing file's directory are read.
    pub(super) fn imported(&self, document: &Document, name: &str) -> Option<Document> {
        let path = import_path(child(child(document.root()?, "imports")?, name)?)?;
        self.directories(document)
            .into_iter()
            .find_map(|directory| self.read(&directory.join(path), &directory))
    }

    /// Lists the directories that may be the build context of a file.
    fn directories(&self, document: &Document) -> Vec<PathBuf> {
        let roots = self
            .roots
            .iter()
            .filter(|root| document.path.starts_with(root));
        let own = document.directory().map(Path::to_owned);
        own.into_iter().chain(roots.cloned()).collect()
    }

    /// Reads a file inside a directory.
    fn read(&self, path: &Path, directory: &Path) -> Option<Document> {
        let real = real(path)?;
        let is_it = |one: &&Document| one.real.as_deref() == Some(&real);
        if let Some(open) = self.documents.values().find(is_it) {
            let text = open.text.as_str().to_owned();
            return Some(Document::new(open.uri.clone(), 0, text));
        }
        let text = String::from_utf8(reading::read_inside(&real, &[directory]).ok()?).ok()?;
        // Named by the editor's name for its folder, which may be a link.
        let inside = fs::canonicalize(directory).ok()?;
        let path = match real.strip_prefix(inside) {
            Ok(rest) => directory.join(rest),
            Err(_) => real,
        };
        Some(Document::new(uri_of(&path)?, 0, text))
    }

    /// Lists the files that import a file, each with the name under which it imports it.
    pub(super) fn importers(&self, home: &Document) -> Vec<(Document, String)> {
        let Some(wanted) = &home.real else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut seen = BTreeSet::new();
        for candidate in self.candidates() {
            let Some(directory) = candidate.parent() else {
                continue;
            };
            let Some(document) = self.read(&candidate, directory) else {
                continue;
            };
            // One file may be reachable by several paths.
            if !seen.insert(document.real.clone()) {
                continue;
            }
            let imports = document.root().and_then(|root| child(root, "imports"));
            let directories = self.directories(&document);
            let leads_there = |path: &str| {
                let paths = directories.iter().map(|directory| directory.join(path));
                // It may only exist in the editor.
                let mut paths = paths.filter_map(|path| real(&path));
                let first = paths.find(|path| path == wanted || path.exists());
                first.as_ref() == Some(wanted)
            };
            let names: Vec<String> = imports
                .map(entries)
                .unwrap_or_default()
                .iter()
                .filter(|one| import_path(&one.value).is_some_and(leads_there))
                .map(|one| one.key.text.clone())
                .collect();
            for name in names {
                let text = document.text.as_str().to_owned();
                found.push((Document::new(document.uri.clone(), 0, text), name));
            }
        }
        found
    }

    /// Lists the Stagefiles in the folders, and those that are open.
    fn candidates(&self) -> BTreeSet<PathBuf> {
        let mut found: BTreeSet<PathBuf> = self
            .documents
            .values()
            .filter(|one| one.directory().is_some())
            .map(|one| one.path.clone())
            .collect();
        let mut pending: Vec<(PathBuf, usize)> =
            self.roots.iter().map(|root| (root.clone(), 0)).collect();
        let mut left = MAX_ENTRIES;
        while let Some((directory, depth)) = pending.pop() {
            let Ok(entries) = fs::read_dir(&directory) else {
                continue;
            };
            for entry in entries.flatten() {
                left = left.saturating_sub(1);
                if left == 0 || found.len() >= MAX_FILES {
                    return found;
                }
                let name = entry.file_name().to_string_lossy().into_owned();
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                if kind.is_dir() {
                    let is_ours =
                        !name.starts_with('.') && name != "node_modules" && name != "target";
                    if is_ours && depth < DEEPEST {
                        pending.push((entry.path(), depth + 1));
                    }
                } else if kind.is_file() && is_stagefile(&name) {
                    found.insert(entry.path());
                }
            }
        }
        found
    }
}

/// Returns the path of an import, if it is from the build context.
fn import_path(import: &Node) -> Option<&str> {
    if child(import, "from").is_some() {
        return None;
    }
    import.string().or_else(|| child(import, "path")?.string())
}

/// Tells from its name whether a file is a Stagefile.
fn is_stagefile(name: &str) -> bool {
    let name = name.to_lowercase();
    let stem = name.trim_end_matches(".yaml").trim_end_matches(".yml");
    stem == "stagefile" || stem.starts_with("stagefile.") || stem.ends_with(".stagefile")
}
