//! Members of workspaces: the directories that match patterns.

use stagefile_text::pattern::Pattern;

use crate::{Project, join};

/// The maximum number of members of a workspace that are inspected.
const MAX_MEMBERS: usize = 64;

/// Patterns of directories, relative to the root of the workspace.
#[derive(Debug, Default)]
pub(crate) struct Members {
    included: Vec<String>,
    excluded: Vec<String>,
    is_cargo: bool,
}

impl Members {
    /// Creates members from patterns of included and excluded directories.
    pub(crate) fn new(included: Vec<String>, excluded: Vec<String>) -> Self {
        let clean = |patterns: Vec<String>| {
            let patterns = patterns.iter();
            let patterns = patterns.map(|one| one.trim_start_matches("./").trim_end_matches('/'));
            patterns.map(str::to_owned).collect()
        };
        Self {
            included: clean(included),
            excluded: clean(excluded),
            is_cargo: false,
        }
    }

    /// Creates members from a Cargo.toml: an excluded directory is excluded with everything below it, unless it is named
    /// as a member itself.
    pub(crate) fn of_cargo(included: Vec<String>, excluded: Vec<String>) -> Self {
        let mut members = Self::new(included, excluded);
        members.is_cargo = true;
        members
    }

    /// Creates members from a list in which patterns that begin with `!` are excluded.
    pub(crate) fn of_list(patterns: Vec<String>) -> Self {
        let (excluded, included) = patterns
            .into_iter()
            .partition::<Vec<_>, _>(|pattern| pattern.starts_with('!'));
        let excluded = excluded.iter().map(|pattern| pattern[1..].to_owned());
        Self::new(included, excluded.collect())
    }

    /// Reports whether a directory of the workspace is a member.
    pub(crate) fn has(&self, folder: &str) -> bool {
        let is_in = |ends: &[String]| {
            let mut ends = ends.iter().map(|end| folder.strip_prefix(end.as_str()));
            ends.any(|rest| rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        };
        if self.is_cargo && is_in(&self.excluded) {
            return is_in(&self.included);
        }
        let matches = |patterns: &[String]| {
            let mut patterns = patterns.iter().map(|one| Pattern::of_ignore_file(one));
            patterns.any(|pattern| pattern.matches(folder))
        };
        matches(&self.included) && !matches(&self.excluded)
    }

    /// Returns patterns for the members' manifests, if the project is the root of the workspace.
    pub(crate) fn places(&self, project: &Project<'_>, manifest: &str) -> Vec<String> {
        let included = self.included.iter().flat_map(|pattern| {
            // Deeper directories are unlikely to be members.
            let depths = if pattern.contains("**") { 2 } else { 1 };
            (1..=depths).map(|depth| pattern.replace("**", &vec!["*"; depth].join("/")))
        });
        let places = included.map(|folder| project.beside(&join(&folder, manifest)));
        places.collect()
    }

    /// Returns the existing members: the paths of their manifests, and their contents.
    pub(crate) fn find<'a>(
        &self,
        project: &Project<'a>,
        manifest: &str,
    ) -> Vec<(&'a str, &'a str)> {
        let places = self.places(project, manifest);
        let found = places
            .iter()
            .flat_map(|place| project.files.matching(place));
        let is_member = |path: &str| {
            let below = path.strip_prefix(project.folder()).unwrap_or(path);
            let folder = below.rsplit_once('/').map_or("", |(folder, _)| folder);
            self.has(folder.trim_start_matches('/'))
        };
        let mut found: Vec<_> = found.filter(|(path, _)| is_member(path)).collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(MAX_MEMBERS);
        found
    }
}

/// Returns the directory of a manifest.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Lists directories in a message.
pub(crate) fn listed(members: &[(&str, &str)]) -> String {
    let folders: Vec<&str> = members.iter().map(|(path, _)| folder(path)).collect();
    folders.join(", ")
}
