//! The position of a module in the build context, including the workspace or other modules that it
//! needs.

use super::module::{Module, used_by_workspace};
use crate::mistake::{Mistake, Stop};
use crate::{Project, join};

/// The position of the module in the context.
pub(super) struct ModuleLocation {
    /// The directory of the context that is built; empty for the whole context.
    pub(super) source: String,
    /// The directory in it in which Go is run; empty for the directory itself.
    pub(super) directory: String,
    /// The module's directory relative to that; empty if it is the same.
    pub(super) below: String,
}

impl ModuleLocation {
    pub(super) fn find(project: &Project<'_>, module: &Module) -> Result<Self, Stop> {
        let folder = project.folder();
        let workspace = std::iter::once(folder)
            .chain(project.above())
            .find_map(|above| {
                let uses = used_by_workspace(project.files.text(&join(above, "go.work"))?);
                let below = folder
                    .strip_prefix(above)
                    .unwrap_or(folder)
                    .trim_start_matches('/');
                let is_used = uses
                    .iter()
                    .any(|one| one == below || below.is_empty() && one == ".");
                is_used.then(|| (above.to_owned(), below.to_owned()))
            });
        if let Some((source, below)) = workspace {
            return Ok(Self {
                source,
                directory: String::new(),
                below,
            });
        }
        // Replacements of other modules must be included, too.
        let mut source = folder.to_owned();
        for (replacement, range) in &module.replaced_by {
            let Some(replacement) = resolve(folder, replacement) else {
                let mistake = Mistake::undecided(
                    project,
                    format!("`{replacement}` is outside of the build context"),
                )
                .at(Some(range.clone()));
                let name = project.path.rsplit('/').next().unwrap_or(project.path);
                return Err(mistake
                    .help(format!(
                        "build with a folder above both as the context: `-f DIR/{name} ..`"
                    ))
                    .into());
            };
            source = common(&source, &replacement);
        }
        let directory = folder
            .strip_prefix(source.as_str())
            .unwrap_or_default()
            .trim_start_matches('/')
            .to_owned();
        Ok(Self {
            source,
            directory,
            below: String::new(),
        })
    }

    /// Returns Go's name for the package in a directory of the module.
    pub(super) fn package(&self, folder: &str) -> String {
        match join(&self.below, folder).as_str() {
            "" => ".".to_owned(),
            path => format!("./{path}"),
        }
    }
}

/// Resolves a path relative to a directory of the context; `None` if it leads outside.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => _ = names.pop()?,
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// Returns the nearest common parent directory.
fn common(one: &str, other: &str) -> String {
    let both = one
        .split('/')
        .zip(other.split('/'))
        .take_while(|(one, other)| one == other);
    both.map(|(name, _)| name).collect::<Vec<_>>().join("/")
}
