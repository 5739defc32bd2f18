//! Files that a file imports.

use std::collections::BTreeMap;

use super::External;
use crate::source::{Span, Spanned};

/// An import: a name for another file.
#[derive(Clone, Debug)]
pub struct Import {
    /// The name in the importing file.
    pub name: Spanned<String>,
    /// The imported file.
    pub file: ImportedFile,
    /// The location of the file's path.
    pub span: Span,
    /// The build arguments; `None` if a value isn't known after a mistake.
    pub args: BTreeMap<String, Spanned<Option<String>>>,
}

/// An imported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// The source; `None` is the build context.
    pub from: Option<External>,
    /// The path in the source, without a leading slash.
    pub path: String,
    /// For a file generated from a manifest, the build arguments that determine its content; the path is then the manifest's
    /// directory, empty for the root of the context.
    pub project: Option<BTreeMap<String, String>>,
}

impl ImportedFile {
    /// Reports whether its path in the build context looks like a URL. Paths have single slashes.
    pub fn looks_like_address(&self) -> bool {
        let schemes = ["http:/", "https:/"];
        self.from.is_none() && schemes.iter().any(|scheme| self.path.starts_with(scheme))
    }

    /// Returns a description for messages.
    pub fn description(&self) -> String {
        match &self.from {
            None if self.project.is_some() => {
                let folder = if self.path.is_empty() {
                    "."
                } else {
                    &self.path
                };
                format!("Stagefile of the project in {folder}")
            }
            None => self.path.clone(),
            // The URL ends with its name.
            Some(from @ External::Http(_)) => from.description(),
            Some(from) => format!("{}:{}", from.description(), self.path),
        }
    }
}
