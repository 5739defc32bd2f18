//! Remote sources: repositories, and files on servers.

use buildkit_gateway::context::GitReference;

use super::super::model::{Action, Fetch, Git};
use super::super::reader::Current;
use super::super::template::Template;
use super::Job;
use super::destination::{is_directory, place};

pub(super) enum Remote {
    Http,
    Git(GitReference),
}

/// Determines the kind of a source that isn't a path.
pub(super) fn remote(source: &Template, is_add: bool) -> Result<Option<Remote>, String> {
    let start = source.start();
    if !is_add
        || start.starts_with("./")
        || start.starts_with("../")
        || start.starts_with("github.com/")
    {
        return Ok(None);
    }
    let is_url = start.starts_with("http://") || start.starts_with("https://");
    let Some(text) = source.constant() else {
        let is_git = start.starts_with("git@")
            || start.starts_with("git://")
            || start.starts_with("ssh://")
            || source.written().contains(".git");
        if is_git && (is_url || !start.is_empty() && start.contains(':')) {
            return Err("a repository whose address depends on the build is a `git` step with `ref`; write it by hand".to_owned());
        }
        return Ok(is_url.then_some(Remote::Http));
    };
    let git = GitReference::parse(text).map_err(|error| error.to_string())?;
    Ok(match git {
        Some(reference) => Some(Remote::Git(reference)),
        None => is_url.then_some(Remote::Http),
    })
}

pub(super) fn fetch(current: &mut Current, job: &Job, url: Template, checksum: Option<Template>) {
    let unpack = job.unpack == Some(true);
    let (to, _) = place(
        current,
        &job.destination,
        is_directory(&job.destination) || unpack,
    );
    let fetch = Fetch {
        url,
        to,
        checksum,
        // Downloads of a Dockerfile are only readable by root.
        mode: job
            .mode
            .clone()
            .or_else(|| (!unpack).then(|| Template::text("0600"))),
        owner: job.owner.clone(),
        unpack,
    };
    current.step(Action::Fetch(fetch));
}

pub(super) fn git(
    current: &mut Current,
    job: &Job,
    reference: GitReference,
    checksum: Option<&str>,
    keep: Option<bool>,
) -> Result<(), String> {
    if job.owner.is_some() || job.mode.is_some() || !job.exclude.is_empty() {
        return Err("a `git` step has no owner, mode or exclude; take the repository in a stage of its own, and copy from there".to_owned());
    }
    let (to, _) = place(current, &job.destination, true);
    let git = Git {
        url: reference.remote,
        reference: reference.git_ref,
        to: to.map(|to| match to.constant() {
            Some(text) if text.len() > 1 => Template::text(text.trim_end_matches('/')),
            _ => to,
        }),
        subdir: reference.subdir,
        checksum: reference.checksum.or_else(|| checksum.map(str::to_owned)),
        keeps_directory: reference.keep_git_dir.or(keep).unwrap_or(false),
        submodules: reference.submodules != Some(false),
    };
    current.step(Action::Git(git));
    Ok(())
}
