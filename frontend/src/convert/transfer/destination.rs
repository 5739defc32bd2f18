//! The destination of a copy.

use super::super::paths;
use super::super::reader::Current;
use super::super::template::Template;

pub(super) fn is_directory(destination: &Template) -> bool {
    let end = destination.end();
    end.ends_with('/')
        || destination
            .constant()
            .is_some_and(|text| matches!(text, "" | "." | "./") || text.ends_with("/."))
}

/// Returns the stage's working directory, if it is the destination: it exists already.
pub(super) fn workdir_of(current: &Current, destination: &Template) -> Option<Template> {
    let workdir = current.at.workdir.as_ref()?;
    let text = workdir.constant().filter(|text| *text != "/")?;
    let to = paths::joined(Some(workdir), destination);
    (stagefile_text::paths::clean(to.constant()?) == text).then(|| workdir.clone())
}

/// Returns the destination, absolute if a directory was entered; and whether it is the directory itself.
pub(super) fn place(
    current: &Current,
    destination: &Template,
    is_directory: bool,
) -> (Option<Template>, bool) {
    let workdir = current.at.workdir.as_ref();
    let text = destination.constant();
    let is_here = matches!(text, Some("" | "." | "./"));
    if is_here && workdir.is_none() {
        return (None, true);
    }
    let mut to = if workdir.is_none() {
        destination.clone()
    } else {
        paths::joined(workdir, destination)
    };
    if let Some(text) = to.constant()
        && text.starts_with('/')
    {
        to = Template::text(stagefile_text::paths::clean(text));
    } else if let Some(text) = to.constant() {
        to = Template::text(paths::tidied(text));
    }
    if is_directory && !to.end().ends_with('/') {
        to.push('/');
    }
    (Some(to), is_here)
}

/// Removes a name that the copy has by default.
pub(super) fn shortened(
    to: Option<Template>,
    paths: &[Template],
    current: &Current,
    is_directory: bool,
) -> Option<Template> {
    let to = to?;
    let ([path], false) = (paths, is_directory) else {
        return Some(to);
    };
    let (Some(path), Some(text)) = (path.constant(), to.constant()) else {
        return Some(to);
    };
    let workdir = current.at.workdir.as_ref().and_then(Template::constant);
    let parent = if text.starts_with('/') {
        Some(stagefile_text::paths::parent(text))
    } else {
        None
    };
    let is_here = match parent {
        Some(parent) => workdir == Some(parent),
        None => workdir.is_none() && !text.contains('/'),
    };
    if is_here && paths::name(path) == paths::name(text) && !path.ends_with('/') {
        // The directory with a slash.
        return workdir.map(|workdir| Template::text(stagefile_text::paths::slashed(workdir)));
    }
    Some(to)
}
