//! The documentation, from the files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the folder of the documents.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Reads the `.md` files below `docs`, with their paths from there: the manual, the pages of the messages, and others.
pub(crate) fn pages() -> Vec<(String, String)> {
    let mut pages = Vec::new();
    for below in ["", "language/"] {
        let files = fs::read_dir(folder().join(below)).expect("docs can be listed");
        for file in files {
            let file = file.expect("docs can be listed").path();
            if file.extension().is_some_and(|extension| extension == "md") {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let text = fs::read_to_string(&file).expect("docs can be read");
                pages.push((format!("{below}{name}"), text));
            }
        }
    }
    pages.sort();
    pages
}
