//! uv workspaces: projects that share a lock file.

use toml_edit::Document;

use crate::data::{item, string, strings};
use crate::members::Members;
use crate::{Project, join};

/// Returns the directory of the workspace that a project belongs to, empty for the root of the context; `None` if there is
/// none above it, or none with a lock file.
pub(super) fn above<'a>(project: &Project<'a>) -> Option<&'a str> {
    if !project.path.ends_with("pyproject.toml") || project.has_beside("uv.lock") {
        return None;
    }
    project.above().into_iter().find(|folder| {
        let manifest = project.files.text(&join(folder, "pyproject.toml"));
        let below = project.folder().strip_prefix(folder).unwrap_or_default();
        project.files.has(&join(folder, "uv.lock"))
            && manifest.is_some_and(|text| members(text).has(below.trim_start_matches('/')))
    })
}

/// Returns the members in the manifest of a workspace.
pub(super) fn members(manifest: &str) -> Members {
    let Ok(manifest) = Document::parse(manifest) else {
        return Members::default();
    };
    let patterns = |key: &str| strings(&manifest, &["tool", "uv", "workspace", key]);
    Members::new(patterns("members"), patterns("exclude"))
}

/// Returns the versions of Python that a lock file is for: those that all members of its workspace support.
pub(super) fn python(lock: &str) -> Option<String> {
    // Only the beginning of a long file is known; the global settings precede the packages.
    let head = lock.split("\n[[").next().unwrap_or_default();
    let head = Document::parse(head).ok()?;
    string(&head, &["requires-python"]).map(|(range, _)| range.to_owned())
}

/// Reports whether a manifest describes a project, rather than only the root of a workspace.
pub(super) fn is_project(manifest: &Document<&str>) -> bool {
    item(manifest, &["project"]).is_some()
}
