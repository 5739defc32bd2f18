//! Steps that change files without running a process: one vertex each.

use std::collections::BTreeSet;

use buildkit_llb::{
    Capability, Copy, FileAction, Mkdir, Mkfile, Owner, Remove, State, Symlink, Timestamp, When,
};
use stagefile_language::plan::{self, Action};
use stagefile_text::glob;

use super::building::{Building, StepContext};
use super::copy::{as_glob, searched};
use super::times::parents;
use super::{Lowering, paths};

/// The intermediate directory for files that are copied to their destination.
pub(super) const ASIDE: &str = "/made";

/// The default mode of directories.
const DIRECTORY_MODE: u32 = 0o755;

/// What is created at a path.
pub(super) enum NewEntry<'a> {
    /// A file with this text and this mode.
    File(&'a str, u32),
    /// A new directory with this mode.
    NewDirectory(u32),
    /// A directory with this mode; if `None`, an existing directory is unchanged.
    Directory(Option<u32>),
}

impl Building<'_> {
    /// Creates the file actions of a step; `None` if the step isn't a file action, or after an error.
    pub(super) fn file_action(&self, action: &Action, here: StepContext<'_>) -> Option<FileAction> {
        let lowering = self.lowering;
        let join = |path: &str| paths::join(here.workdir, path);
        let changed = |paths: &[String]| -> BTreeSet<String> {
            let paths = paths.iter().map(|path| join(path));
            paths
                .flat_map(|path| parents(&path).collect::<Vec<_>>())
                .collect()
        };
        let actions = match action {
            Action::Run(_) | Action::Parallel(_) => None,
            Action::Copy(copy) => return self.copy(copy, here),
            Action::Fetch(fetch) => return self.download(fetch, here),
            Action::Git(git) => return self.checkout(git, here),
            Action::Write(write) => {
                let what = NewEntry::File(&write.content, write.mode);
                let owner = write.owner.as_ref();
                Some(made(&join(&write.path), &what, owner, lowering.time()))
            }
            Action::Mkdir(mkdir) => chain(mkdir.paths.iter().map(|path| {
                let owner = mkdir.owner.as_ref();
                made(
                    &join(path),
                    &NewEntry::Directory(mkdir.mode),
                    owner,
                    lowering.time(),
                )
            })),
            Action::Remove(remove) => lowering.removal(remove, here),
            Action::Symlink(link) => {
                let path = join(&link.path);
                let owner = link.owner.as_ref();
                let parent = directory(paths::parent(&path), owner, lowering.time());
                let link_action = Symlink::new(&link.target, path).created(lowering.time());
                Some(parent.then(owned(link_action, owner, Symlink::owner)))
            }
        };
        let directories = match action {
            Action::Write(write) => changed(std::slice::from_ref(&write.path)),
            Action::Mkdir(mkdir) => changed(&mkdir.paths),
            // For optional paths, the directories are optional, too.
            Action::Remove(remove) if !remove.optional => changed(&remove.paths)
                .into_iter()
                .filter(|directory| !(remove.glob && glob::is_pattern(directory)))
                .collect(),
            Action::Symlink(link) => changed(std::slice::from_ref(&link.path)),
            _ => BTreeSet::new(),
        };
        Some(lowering.with_fixed_times(actions?, directories))
    }
}

impl Lowering<'_> {
    /// Removes files; for optional paths, sets the time of new files on the directories that exist.
    fn removal(&self, remove: &plan::Remove, here: StepContext<'_>) -> Option<FileAction> {
        let removals = remove.paths.iter().map(|path| {
            let path = paths::join(here.workdir, path);
            let path = match (remove.optional, remove.glob) {
                (true, true) => searched(&path, str::to_owned),
                _ => path,
            };
            Remove::new(path)
                .when(remove.optional, Remove::allow_not_found)
                .when(remove.glob, Remove::wildcards)
                .into()
        });
        let removals = chain(removals)?;
        // Without patterns, a copy would include the whole content.
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
            let header = Copy::new(here.files, as_glob(&directory), to)
                .exclude(["?*"])
                .wildcards()
                .allow_no_match();
            FileAction::from(header.created(self.time()))
        });
        Some(settled.fold(removals, FileAction::then))
    }

    /// Creates a stage's working directory, owned by its user if that can be looked up.
    pub(super) fn workdir(&self, path: &str, user: &str, base: &State) -> FileAction {
        let directory = Mkdir::new(path, 0o755).parents().created(self.time());
        let by_number = user.split(':').all(|part| part.parse::<u32>().is_ok());
        let is_known = !user.is_empty() && (by_number || !base.is_scratch());
        let directory = directory.when(is_known, |directory| directory.owner(Owner::parse(user)));
        self.with_fixed_times(directory.into(), parents(path).collect())
    }
}

/// Creates a file or a directory with exactly this mode. Missing parents are created with the same owner.
///
/// When a file is created, dockerd's umask removes write permission for everyone except the owner, and BuildKit removes the
/// sticky, setuid and setgid bits; neither happens when it is copied. So files with such modes are created in an
/// intermediate directory, and copied to their destination in the same vertex. The mode and owner of an existing directory
/// can only be changed by a copy.
pub(super) fn made(
    path: &str,
    what: &NewEntry<'_>,
    owner: Option<&plan::Owner>,
    time: Timestamp,
) -> FileAction {
    let (mode, by_copy) = match what {
        NewEntry::File(_, mode) | NewEntry::NewDirectory(mode) => (*mode, mode & 0o7022 != 0),
        NewEntry::Directory(None) => (DIRECTORY_MODE, false),
        NewEntry::Directory(Some(mode)) => (*mode, true),
    };
    let make = |path: &str, owner| match what {
        NewEntry::File(text, _) => {
            let file = Mkfile::new(path, mode, (*text).to_owned()).created(time);
            FileAction::from(owned(file, owner, Mkfile::owner))
        }
        NewEntry::NewDirectory(_) | NewEntry::Directory(_) => {
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

/// Creates a directory for other files, with its missing parents.
pub(super) fn directory(path: &str, owner: Option<&plan::Owner>, time: Timestamp) -> FileAction {
    let directory = Mkdir::new(path, DIRECTORY_MODE).parents().created(time);
    owned(directory, owner, Mkdir::owner).into()
}

/// Sets an action's owner, if there is one.
pub(super) fn owned<A>(action: A, owner: Option<&plan::Owner>, set: impl Fn(A, Owner) -> A) -> A {
    let Some(owner) = owner else { return action };
    let text = match &owner.group {
        Some(group) => format!("{}:{group}", owner.user),
        None => owner.user.clone(),
    };
    set(action, Owner::parse(&text))
}

/// Chains actions in one vertex; `None` if there are none.
pub(super) fn chain(actions: impl Iterator<Item = FileAction>) -> Option<FileAction> {
    actions.reduce(FileAction::then)
}
