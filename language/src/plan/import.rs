//! Files that a file imports.

use std::collections::BTreeMap;

use super::External;
use crate::source::{Span, Spanned};

/// An import: a name for another file.
#[derive(Clone, Debug)]
pub struct Import {
    /// How the importing file calls it.
    pub name: Spanned<String>,
    /// Which file it is.
    pub file: ImportedFile,
    /// The place that says which file it is.
    pub span: Span,
    /// The build arguments that it is given; `None` where a value isn't known after a mistake.
    pub args: BTreeMap<String, Spanned<Option<String>>>,
}

/// A file that is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Where it comes from; `None` is the build context.
    pub from: Option<External>,
    /// Its path there, without a slash in front.
    pub path: String,
    /// Of a file that is made of a manifest, the build arguments that decide what it says; the path is the manifest's folder then,
    /// empty for the root of the context.
    pub project: Option<BTreeMap<String, String>>,
}

impl ImportedFile {
    /// Tells whether its path in the build context is rather the address of a file on a server. Paths have single slashes.
    pub fn looks_like_address(&self) -> bool {
        let schemes = ["http:/", "https:/"];
        self.from.is_none() && schemes.iter().any(|scheme| self.path.starts_with(scheme))
    }

    /// Names it for people.
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
            // Its address ends with its name.
            Some(from @ External::Http(_)) => from.description(),
            Some(from) => format!("{}:{}", from.description(), self.path),
        }
    }
}
