//! User names in stages without a list of users: those based on `scratch`, until a step may have added one.

use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::plan::{Action, Copy, Owner, Stage, Step};
use stagefile_text::glob;

use super::built::Built;
use super::paths;

/// The directory in which names are looked up.
const LISTS: &str = "/etc";

/// Reports names that a step needs to look up, and records whether it may add the lists.
pub(super) fn check(step: &Step, built: &mut Built, found: &mut Diagnostics) {
    if !built.lacks_users {
        return;
    }
    let owner = match &step.action {
        Action::Copy(copy) => copy.owner.as_ref(),
        Action::Write(write) => write.owner.as_ref(),
        Action::Mkdir(mkdir) => mkdir.owner.as_ref(),
        Action::Symlink(link) => link.owner.as_ref(),
        Action::Fetch(fetch) => fetch.owner.as_ref(),
        Action::Run(_) | Action::Remove(_) | Action::Git(_) | Action::Parallel(_) => None,
    };
    let named = owner.and_then(|owner| Some((named(owner)?, owner.span)));
    let of_run = match &step.action {
        Action::Run(run) if run.within.is_none() => {
            looked_up(built.user_of(run)).map(|name| (name, run.span))
        }
        _ => None,
    };
    for (name, span) in named.into_iter().chain(of_run) {
        let error = diagnostics::unknown_user(name, span);
        found.push_within(&step.uses, error);
    }
    built.lacks_users = !may_bring_lists(&step.action, &built.workdir);
}

/// Warns of the user of an image that has no user with this name.
pub(super) fn check_image(stage: &Stage, built: &Built, found: &mut Diagnostics) {
    if let Some(user) = &stage.image.user
        && built.lacks_users
        && let Some(name) = user.value.split(':').find(|part| is_name(part))
    {
        found.push(diagnostics::perhaps_unknown_user(name, user.span));
    }
}

fn named(owner: &Owner) -> Option<&str> {
    let parts = [Some(&owner.user), owner.group.as_ref()];
    let mut parts = parts.into_iter().flatten();
    parts.find(|part| is_name(part)).map(String::as_str)
}

/// Returns the part of a script's user that has to be looked up: a name, or a number without a group.
fn looked_up(user: &str) -> Option<&str> {
    let lacks_group = user.parse::<u32>().is_ok_and(|id| id != 0);
    let name = user.split(':').find(|part| is_name(part));
    name.or(lacks_group.then_some(user))
}

/// Reports whether a user or a group has to be looked up.
fn is_name(part: &str) -> bool {
    !part.is_empty() && part != "root" && part.parse::<u32>().is_err()
}

/// Returns the name of a path in the directory that it is copied into; `None` if it is unknown or there is none.
fn copied_name<'a>(copy: &Copy, path: &'a str) -> Option<&'a str> {
    let is_pattern = copy.glob && glob::is_pattern(path);
    if !copy.goes_into_a_directory() || copy.unpack || copy.parents || is_pattern {
        return None;
    }
    (!path.ends_with('/')).then(|| paths::name(path))
}

/// Reports whether a step may create the lists.
fn may_bring_lists(action: &Action, workdir: &str) -> bool {
    let into = |path: Option<&str>| {
        let path = paths::join(workdir, path.unwrap_or("."));
        path == LISTS || paths::is_below(LISTS, &path) || paths::is_below(&path, LISTS)
    };
    match action {
        Action::Copy(copy) => {
            let to = copy.to.as_deref().unwrap_or(".");
            copy.paths
                .iter()
                .any(|path| match copied_name(copy, &path.value) {
                    Some(name) => into(Some(&format!("{to}/{name}"))),
                    None => into(Some(to)),
                })
        }
        Action::Fetch(fetch) => into(fetch.to.as_deref()),
        Action::Git(git) => into(git.to.as_deref()),
        Action::Write(write) => into(Some(&write.path)),
        Action::Symlink(link) => into(Some(&link.path)),
        // Its steps are checked one by one.
        Action::Parallel(_) | Action::Mkdir(_) | Action::Remove(_) => false,
        Action::Run(_) => true,
    }
}
