//! Projects without a build file: generates a Stagefile from a manifest, such as go.mod, and some other files.
//!
//! [`generate`] is a pure function. It returns patterns for the files that it needs, is called again with these files, and
//! finally returns a Stagefile or an error about what can't be decided. The caller reads the files: a build from the daemon,
//! the command line from the local disk.
//!
//! Each language has its own rules in a separate file. Decisions of a rule are written as comments next to the generated line,
//! or as arguments that the user can override.
#![forbid(unsafe_code)]

mod data;
mod files;
mod go;
mod image;
mod java;
mod manifest;
mod members;
mod mistake;
mod node;
mod python;
mod range;
mod rust;
mod scan;
mod write;

use std::collections::BTreeMap;

pub use files::{Entry, Files, MAX_FILES, UNSEARCHED, most_bytes, places};
pub use manifest::{Manifest, SUPPORTED};
pub use mistake::{Help, Kind, Mistake, Refusal};

use mistake::Stop;

/// A project, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    /// The manifest's path, relative to the root of the build context.
    pub path: &'a str,
    /// The manifest's text.
    pub text: &'a str,
    /// The other files.
    pub files: &'a Files,
    /// The build arguments from the client.
    pub args: &'a BTreeMap<String, String>,
    /// The frontend's image, for the first line of the Stagefile.
    pub frontend: &'a str,
}

/// A generated Stagefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The text.
    pub text: String,
    /// Patterns that a build excludes from the context if the project has no ignore file.
    pub ignored: Vec<String>,
    /// Notes for the user, one sentence each.
    pub notes: Vec<Help>,
}

/// The result of [`generate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Files that match these patterns, relative to the root of the context, are needed.
    Look(Vec<String>),
    /// The Stagefile.
    Generated(Generated),
}

/// Generates the Stagefile of a project.
///
/// # Errors
///
/// Returns what is wrong with the manifest, or what can't be decided from it.
pub fn generate(project: &Project<'_>) -> Result<Answer, Mistake> {
    let rules = match Manifest::from_path(project.path) {
        Some(Manifest::Go) => go::generate,
        Some(Manifest::Node) => node::generate,
        Some(Manifest::Python) => python::generate,
        Some(Manifest::Rust) => rust::generate,
        Some(Manifest::Maven) => java::maven::generate,
        Some(Manifest::Gradle) => java::gradle::generate,
        Some(Manifest::Unsupported(_)) if project.path.ends_with("go.work") => {
            return Err(go::workspace(project));
        }
        Some(Manifest::Unsupported(language)) => {
            return Err(mistake::unsupported(project, language));
        }
        None => return Err(mistake::unknown(project)),
    };
    match rules(project) {
        Ok(generated) => Ok(Answer::Generated(generated)),
        Err(Stop::Look(patterns)) => Ok(Answer::Look(patterns)),
        Err(Stop::Mistake(mistake)) => Err(*mistake),
    }
}

/// Generates the Stagefile of the only project in a directory of the context, given by a path that is empty for the root.
///
/// # Errors
///
/// Returns what is wrong with its manifest, or that there is none, as a message.
pub fn generate_for(
    folder: &str,
    files: &Files,
    args: &BTreeMap<String, String>,
    frontend: &str,
) -> Result<Answer, Refusal> {
    let places: Vec<String> = Manifest::names().map(|name| join(folder, name)).collect();
    if files.need(places.iter().cloned()).is_err() {
        return Ok(Answer::Look(places));
    }
    let found = places.iter().filter(|path| files.has(path));
    let found = Manifest::distinct(found.map(String::as_str));
    let [path] = found[..] else {
        let place = if folder.is_empty() {
            "the build context"
        } else {
            folder
        };
        let message = match found.first() {
            None => format!("there is no manifest in {place}: {SUPPORTED}"),
            Some(_) => format!(
                "{place} has several manifests, and which is meant isn't known: build one with `-f`, or move it to a folder of its own"
            ),
        };
        return Err(Refusal {
            kind: Kind::Undecided,
            message,
        });
    };
    let project = Project {
        path,
        text: files.text(path).unwrap_or_default(),
        files,
        args,
        frontend,
    };
    generate(&project).map_err(|mistake| mistake.of_stage())
}

impl<'a> Project<'a> {
    /// Returns the directory of the manifest; empty for the root of the context.
    fn folder(&self) -> &'a str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns a path in the directory of the manifest.
    fn beside(&self, path: &str) -> String {
        join(self.folder(), path)
    }

    /// Returns the text of a file next to the manifest.
    fn text_beside(&self, path: &str) -> Option<&'a str> {
        self.files.text(&self.beside(path))
    }

    /// Reports whether a file or directory next to the manifest exists.
    fn has_beside(&self, path: &str) -> bool {
        self.files.has(&self.beside(path))
    }

    /// Returns patterns for files next to the manifest.
    fn look_beside(&self, patterns: &[&str]) -> Vec<String> {
        patterns
            .iter()
            .map(|pattern| self.beside(pattern))
            .collect()
    }

    /// Returns the parent directories of the manifest's directory, the nearest first; the last is the root.
    fn above(&self) -> Vec<&'a str> {
        let mut folders = Vec::new();
        let mut folder = self.folder();
        while !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            folders.push(folder);
        }
        folders
    }

    /// Returns the value of a build argument.
    fn arg(&self, name: &str) -> Option<&'a str> {
        self.args
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// Joins a directory, which is empty for the root, and a path in it.
fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "" | ".") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}
