//! Steps that change files without running anything: one vertex each.

use std::collections::BTreeSet;

use buildkit_llb::{
    Capability, Copy, FileAction, Mkdir, Mkfile, Owner, Remove, State, Symlink, Timestamp, When,
};
use stagefile_language::plan::{self, Action, Step};
use stagefile_text::glob;

use super::copy::{as_glob, searched};
use super::stage::Building;
use super::times::parents;
use super::{Lowering, paths};

/// Where things are made that are copied to their place.
pub(super) const ASIDE: &str = "/made";

/// The mode of directories that have no other.
const DIRECTORY_MODE: u32 = 0o755;

/// Where a step stands.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    /// The step itself.
    pub step: &'a Step,
    /// The directory that relative paths start at.
    pub workdir: &'a str,
    /// The files that it changes.
    pub files: &'a State,
    /// Which times has what it copies.
    pub times: CopyTimes,
}

/// Which times copies have, as it is decided for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CopyTimes {
    /// The time of new files.
    Fixed,
    /// Their own, and so have the directories that they are put into.
    Kept,
    /// Their own, which are the same in every build; the directories that they are put into have the time of new files.
    Steady,
}

/// What is made at a path.
pub(super) enum Made<'a> {
    /// A file with this text and this mode.
    File(&'a str, u32),
    /// A directory with this mode, which isn't there yet.
    NewDirectory(u32),
    /// A directory with this mode; without one, a directory that is there stays as it is.
    Directory(Option<u32>),
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
                let what = Made::File(&write.content, write.mode);
                let owner = write.owner.as_ref();
                Some(made(&join(&write.path), &what, owner, self.time()))
            }
            Action::Mkdir(mkdir) => chain(mkdir.paths.iter().map(|path| {
                let owner = mkdir.owner.as_ref();
                made(
                    &join(path),
                    &Made::Directory(mkdir.mode),
                    owner,
                    self.time(),
                )
            })),
            Action::Remove(remove) => self.removal(remove, here),
            Action::Symlink(link) => {
                let path = join(&link.path);
                let owner = link.owner.as_ref();
                let parent = directory(paths::parent(&path), owner, self.time());
                let link_action = Symlink::new(&link.target, path).created(self.time());
                Some(parent.then(owned(link_action, owner, Symlink::owner)))
            }
        };
        let directories = match action {
            Action::Write(write) => changed(std::slice::from_ref(&write.path)),
            Action::Mkdir(mkdir) => changed(&mkdir.paths),
            // Of paths that need not be there, the directories need not be there either.
            Action::Remove(remove) if !remove.optional => changed(&remove.paths)
                .into_iter()
                .filter(|directory| !(remove.glob && glob::is_pattern(directory)))
                .collect(),
            Action::Symlink(link) => changed(std::slice::from_ref(&link.path)),
            _ => BTreeSet::new(),
        };
        Some(self.settled(actions?, directories))
    }

    /// Removes files; of those that need not be there, gives the directories that are there the time of new files.
    fn removal(&self, remove: &plan::Remove, here: Here<'_>) -> Option<FileAction> {
        let removals = remove.paths.iter().map(|path| {
            let path = paths::join(here.workdir, path);
            let path = match (remove.optional, remove.glob) {
                (true, true) => searched(&path, str::to_owned),
                _ => path,
            };
            Remove::new(path)
                .when(remove.optional, Remove::allowing_not_found)
                .when(remove.glob, Remove::wildcards)
                .into()
        });
        let removals = chain(removals)?;
        // Without patterns a copy would be of all that is in them.
        let can = self.can(Capability::FileCopyIncludeExcludePatterns);
        if !remove.optional || here.files.is_scratch() || !can {
            return Some(removals);
        }
        let directories: BTreeSet<String> = remove
            .paths
            .iter()
            .flat_map(|path| parents(&paths::join(here.workdir, path)).collect::<Vec<_>>())
            .filter(|directory| !(remove.glob && glob::is_pattern(directory)))
            .collect();
        let settled = directories.into_iter().map(|directory| {
            let to = paths::slashed(paths::parent(&directory));
            let header = Copy::new(here.files, &as_glob(&directory), to)
                .exclude(["?*"])
                .wildcards()
                .allow_no_match();
            FileAction::from(header.created(self.time()))
        });
        Some(settled.fold(removals, FileAction::then))
    }

    /// Makes a stage's workdir, as its user's where that can be looked up.
    pub(super) fn workdir(&self, path: &str, user: &str, base: &State) -> FileAction {
        let directory = Mkdir::new(path, 0o755).parents().created(self.time());
        let by_number = user.split(':').all(|part| part.parse::<u32>().is_ok());
        let is_known = !user.is_empty() && (by_number || !base.is_scratch());
        let directory = directory.when(is_known, |directory| directory.owner(Owner::parse(user)));
        self.settled(directory.into(), parents(path).collect())
    }
}

/// Makes a file or a directory, below parents that are made if need be for the same owner, with exactly this mode.
///
/// The umask of dockerd takes the right to write from all but the owner, when something is made, and so does BuildKit with
/// sticky, setuid and setgid; not so when it is copied. So what has such modes is made aside, and copied to its place in the
/// same vertex. A directory that is there already gets mode and owner by a copy only.
pub(super) fn made(
    path: &str,
    what: &Made<'_>,
    owner: Option<&plan::Owner>,
    time: Timestamp,
) -> FileAction {
    let (mode, by_copy) = match what {
        Made::File(_, mode) | Made::NewDirectory(mode) => (*mode, mode & 0o7022 != 0),
        Made::Directory(None) => (DIRECTORY_MODE, false),
        Made::Directory(Some(mode)) => (*mode, true),
    };
    let make = |path: &str, owner| match what {
        Made::File(text, _) => {
            let file = Mkfile::new(path, mode, (*text).to_owned()).created(time);
            FileAction::from(owned(file, owner, Mkfile::owner))
        }
        Made::NewDirectory(_) | Made::Directory(_) => {
            let directory = Mkdir::new(path, mode).parents().created(time);
            FileAction::from(owned(directory, owner, Mkdir::owner))
        }
    };
    let (place, name) = (paths::parent(path), paths::name(path));
    let parents = directory(place, owner, time);
    if !by_copy {
        return parents.then(make(path, owner));
    }
    let aside =
        FileAction::from(Mkdir::new(ASIDE, 0o755)).then(make(&format!("{ASIDE}/{name}"), None));
    let copy = Copy::new(aside.on(&State::scratch()), ASIDE, place)
        .contents()
        .mode(mode)
        .created(time);
    parents.then(owned(copy, owner, Copy::owner))
}

/// Makes a directory that others are made in, with those that lead to it, where they are missing.
pub(super) fn directory(path: &str, owner: Option<&plan::Owner>, time: Timestamp) -> FileAction {
    let directory = Mkdir::new(path, DIRECTORY_MODE).parents().created(time);
    owned(directory, owner, Mkdir::owner).into()
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
