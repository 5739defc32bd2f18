//! Projects without a build file: from a manifest, such as go.mod, and a few files beside it to the text of a Stagefile.
//!
//! [`generate`] is a pure function. It names the files that it wants to see, is called again when they are there, and ends with
//! a Stagefile or with what can't be decided. Who calls it reads: a build asks the daemon, the command line its own disk.
//!
//! Each language is one file with its rules. What a rule decides is a comment beside the line that it wrote, or an argument
//! that the user may give another value.
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

pub use files::{Entry, Files, MOST_FILES, UNSEARCHED, most_bytes, places};
pub use manifest::{Manifest, SUPPORTED};
pub use mistake::{Help, Kind, Mistake, Refusal};

use mistake::Stop;

/// A project, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    /// The path of the manifest, from the root of the build context.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The other files.
    pub files: &'a Files,
    /// The build arguments that the client gives.
    pub args: &'a BTreeMap<String, String>,
    /// The image that the first line of the Stagefile names.
    pub frontend: &'a str,
}

/// A Stagefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// Its text.
    pub text: String,
    /// What a build leaves out of the context if the project has no ignore file: patterns of such a file.
    pub ignored: Vec<String>,
    /// What the user should know besides, a sentence each.
    pub notes: Vec<Help>,
}

/// What is known of a project's Stagefile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It takes a look at files that match these patterns, from the root of the context.
    Look(Vec<String>),
    /// This is it.
    Generated(Generated),
}

/// Writes the Stagefile of a project.
///
/// # Errors
///
/// What is wrong with the manifest, or can't be decided by it.
pub fn generate(project: &Project<'_>) -> Result<Answer, Mistake> {
    let rules = match Manifest::of(project.path) {
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

/// Writes the Stagefile of the one project in a folder of the context, empty for its root.
///
/// # Errors
///
/// In words, what is wrong with its manifest, or that there is none.
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
    /// Returns the folder of the manifest; empty for the root of the context.
    fn folder(&self) -> &'a str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns a path in the folder of the manifest.
    fn beside(&self, path: &str) -> String {
        join(self.folder(), path)
    }

    /// Returns the text of a file beside the manifest.
    fn text_beside(&self, path: &str) -> Option<&'a str> {
        self.files.text(&self.beside(path))
    }

    /// Tells whether a file or folder is beside the manifest.
    fn has_beside(&self, path: &str) -> bool {
        self.files.has(&self.beside(path))
    }

    /// Wants to see what matches patterns beside the manifest.
    fn look_beside(&self, patterns: &[&str]) -> Vec<String> {
        patterns
            .iter()
            .map(|pattern| self.beside(pattern))
            .collect()
    }

    /// Lists the folders above the manifest's, the nearest first; the last is the root.
    fn above(&self) -> Vec<&'a str> {
        let mut folders = Vec::new();
        let mut folder = self.folder();
        while !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            folders.push(folder);
        }
        folders
    }

    /// Returns what a build argument is given as.
    fn arg(&self, name: &str) -> Option<&'a str> {
        self.args
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// Joins a folder, empty for the root, and a path in it.
fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "" | ".") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}
