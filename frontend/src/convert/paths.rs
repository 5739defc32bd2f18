//! Paths with expressions in them.

use stagefile_text::paths;

use super::template::Template;

/// Returns the directory that `WORKDIR` enters from another.
pub(super) fn entered(from: Option<&Template>, path: &Template) -> Template {
    let joined = joined(from, path);
    match joined.constant() {
        Some(path) if path.starts_with('/') => Template::text(paths::clean(path)),
        _ => joined,
    }
}

/// Resolves a path against a directory if it is relative; `None` for the working directory of the base.
pub(super) fn joined(directory: Option<&Template>, path: &Template) -> Template {
    if path.start().starts_with('/') || path.only_expression().is_some() {
        return path.clone();
    }
    let mut joined = directory
        .cloned()
        .unwrap_or_else(|| Template::expression("base.workdir"));
    if path.len() == 0 || path.constant() == Some(".") {
        return joined;
    }
    if !joined.end().ends_with('/') {
        joined.push('/');
    }
    joined.push_template(path);
    joined
}

/// Removes `./` and `//` from a path of the context or of a stage. A trailing slash is kept.
pub(super) fn tidied(path: &str) -> String {
    let clean = paths::clean(&format!("/{path}"));
    let inner = clean.trim_start_matches('/');
    if inner.is_empty() {
        ".".to_owned()
    } else {
        inner.to_owned()
    }
}

/// Returns the last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
}

/// Returns the directory that contains a path; empty if there is none.
pub(super) fn parent(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    match path.rfind('/') {
        Some(0) => "/",
        Some(at) => &path[..at],
        None => "",
    }
}

/// Reports whether a path has wildcards.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}
