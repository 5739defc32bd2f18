//! Steps that change files without running anything: one vertex each.

use buildkit_llb::{FileAction, Mkdir, Mkfile, Owner, Remove, State, Symlink, Timestamp};

use super::stage::Building;
use super::{Lowering, paths};
use crate::plan::{self, Action};

/// The time of files that nobody gave one: the first that a ZIP archive can hold, since some tools refuse earlier ones.
const FIXED_TIME: i64 = 315_532_800;

impl Lowering<'_> {
    /// Makes the file actions of a step; `None` for a `run`, or after an error.
    pub(super) fn files(
        &self,
        action: &Action,
        building: &Building<'_>,
        workdir: &str,
    ) -> Option<FileAction> {
        let join = |path: &str| paths::join(workdir, path);
        match action {
            Action::Run(_) => None,
            Action::Copy(copy) => self.copy(copy, building, workdir),
            Action::Write(write) => {
                let path = join(&write.path);
                let file =
                    Mkfile::new(&path, write.mode, write.content.clone()).created(self.time());
                let parent = Mkdir::new(parent(&path), 0o755)
                    .parents()
                    .created(self.time());
                Some(FileAction::from(parent).then(owned(
                    file,
                    write.owner.as_ref(),
                    Mkfile::owner,
                )))
            }
            Action::Mkdir(mkdir) => chain(mkdir.paths.iter().map(|path| {
                let directory = Mkdir::new(join(path), mkdir.mode)
                    .parents()
                    .created(self.time());
                owned(directory, mkdir.owner.as_ref(), Mkdir::owner).into()
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
                let parent = Mkdir::new(parent(&path), 0o755)
                    .parents()
                    .created(self.time());
                let link_action = Symlink::new(&link.target, path).created(self.time());
                Some(FileAction::from(parent).then(owned(
                    link_action,
                    link.owner.as_ref(),
                    Symlink::owner,
                )))
            }
        }
    }

    /// Makes a stage's workdir, as its user's where that can be looked up.
    pub(super) fn workdir(&self, path: &str, user: &str, base: &State) -> FileAction {
        let directory = Mkdir::new(path, 0o755).parents().created(self.time());
        let by_number = user.split(':').all(|part| part.parse::<u32>().is_ok());
        if user.is_empty() || (base.is_scratch() && !by_number) {
            return directory.into();
        }
        directory.owner(Owner::parse(user)).into()
    }

    /// Returns the time of new files.
    pub(super) fn time(&self) -> Timestamp {
        let seconds = self.epoch.unwrap_or(FIXED_TIME);
        Timestamp::from_nanoseconds(seconds.saturating_mul(1_000_000_000))
    }
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

fn parent(path: &str) -> String {
    paths::clean(&format!("{path}/.."))
}
