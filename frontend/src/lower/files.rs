//! Steps that change files without running anything: one vertex each.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, FileAction, Mkdir, Mkfile, Owner, Remove, State, Symlink, Timestamp};

use super::stage::Building;
use super::times::parents;
use super::{Lowering, paths};
use crate::plan::{self, Action, Step};

/// Where things are made that are copied to their place.
const ASIDE: &str = "/made";

/// Where a step stands.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    /// The step itself.
    pub step: &'a Step,
    /// The directory that relative paths start at.
    pub workdir: &'a str,
    /// Whether what it copies keeps its times.
    pub keeps_times: bool,
}

/// What is made at a path.
pub(super) enum Made<'a> {
    /// A file with this text.
    File(&'a str),
    /// A directory.
    Directory,
}

impl Lowering<'_> {
    /// Makes the file actions of a step; `None` for a step that is no such, or after an error.
    pub(super) fn files(
        &self,
        action: &Action,
        building: &Building<'_>,
        here: Here<'_>,
    ) -> Option<FileAction> {
        let join = |path: &str| paths::join(here.workdir, path);
        let changed = |paths: &[String]| -> BTreeSet<String> {
            let paths = paths.iter().map(|path| join(path));
            paths
                .flat_map(|path| parents(&path).collect::<Vec<_>>())
                .collect()
        };
        let actions = match action {
            Action::Run(_) | Action::Parallel(_) => None,
            Action::Copy(copy) => return self.copy(copy, building, here),
            Action::Fetch(fetch) => return self.download(fetch, building, here),
            Action::Git(git) => return self.checkout(git, building, here),
            Action::Write(write) => {
                let what = Made::File(&write.content);
                let (mode, owner) = (write.mode, write.owner.as_ref());
                Some(made(&join(&write.path), &what, mode, owner, self.time()))
            }
            Action::Mkdir(mkdir) => chain(mkdir.paths.iter().map(|path| {
                let (mode, owner) = (mkdir.mode, mkdir.owner.as_ref());
                made(&join(path), &Made::Directory, mode, owner, self.time())
            })),
            Action::Remove(remove) => chain(remove.paths.iter().map(|path| {
                let removal = Remove::new(join(path));
                let removal = if remove.optional {
                    removal.allowing_not_found()
                } else {
                    removal
                };
                if remove.glob {
                    removal.wildcards()
                } else {
                    removal
                }
                .into()
            })),
            Action::Symlink(link) => {
                let path = join(&link.path);
                let parent = Mkdir::new(paths::clean(&format!("{path}/..")), 0o755)
                    .parents()
                    .created(self.time());
                let link_action = Symlink::new(&link.target, path).created(self.time());
                Some(FileAction::from(parent).then(owned(
                    link_action,
                    link.owner.as_ref(),
                    Symlink::owner,
                )))
            }
        };
        let directories = match action {
            Action::Write(write) => changed(std::slice::from_ref(&write.path)),
            Action::Mkdir(mkdir) => changed(&mkdir.paths),
            // Of paths that need not be there, the directories need not be there either.
            Action::Remove(remove) if !remove.optional && !remove.glob => changed(&remove.paths),
            Action::Symlink(link) => changed(std::slice::from_ref(&link.path)),
            _ => BTreeSet::new(),
        };
        Some(self.settled(actions?, directories))
    }

    /// Makes a stage's workdir, as its user's where that can be looked up.
    pub(super) fn workdir(&self, path: &str, user: &str, base: &State) -> FileAction {
        let directory = Mkdir::new(path, 0o755).parents().created(self.time());
        let by_number = user.split(':').all(|part| part.parse::<u32>().is_ok());
        let directory = if user.is_empty() || (base.is_scratch() && !by_number) {
            directory
        } else {
            directory.owner(Owner::parse(user))
        };
        self.settled(directory.into(), parents(path).collect())
    }
}

/// Makes a file or a directory, below parents that are made if need be, with exactly this mode.
///
/// The umask of dockerd takes the right to write from all but the owner, when something is made; not so when it is
/// copied. So what others may write to is made aside, and copied to its place in the same vertex.
pub(super) fn made(
    path: &str,
    what: &Made<'_>,
    mode: u32,
    owner: Option<&plan::Owner>,
    time: Timestamp,
) -> FileAction {
    let make = |path: &str, owner| match what {
        Made::File(text) => {
            let file = Mkfile::new(path, mode, (*text).to_owned()).created(time);
            FileAction::from(owned(file, owner, Mkfile::owner))
        }
        Made::Directory => {
            let directory = Mkdir::new(path, mode).parents().created(time);
            FileAction::from(owned(directory, owner, Mkdir::owner))
        }
    };
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let directory = if directory.is_empty() { "/" } else { directory };
    let parents = FileAction::from(Mkdir::new(directory, 0o755).parents().created(time));
    if mode & 0o022 == 0 {
        return parents.then(make(path, owner));
    }
    let aside =
        FileAction::from(Mkdir::new(ASIDE, 0o755)).then(make(&format!("{ASIDE}/{name}"), None));
    let copy = Copy::new(aside.on(&State::scratch()), ASIDE, directory)
        .contents()
        .mode(mode)
        .created(time);
    parents.then(owned(copy, owner, Copy::owner))
}

/// Gives an action an owner, if one is written.
pub(super) fn owned<A>(action: A, owner: Option<&plan::Owner>, set: impl Fn(A, Owner) -> A) -> A {
    let Some(owner) = owner else { return action };
    let text = match &owner.group {
        Some(group) => format!("{}:{group}", owner.user),
        None => owner.user.clone(),
    };
    set(action, Owner::parse(&text))
}

/// Chains actions into one vertex; `None` if there are none.
pub(super) fn chain(actions: impl Iterator<Item = FileAction>) -> Option<FileAction> {
    actions.reduce(FileAction::then)
}
