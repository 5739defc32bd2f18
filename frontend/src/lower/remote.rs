//! Steps that take files from the network: a vertex of the source, and the copy to its place.

use buildkit_llb::{self as llb, Capability, Constrain, FileAction, Http, Mkdir};

use super::files::{Here, owned};
use super::stage::{Building, places};
use super::times::parents;
use super::{Lowering, paths};
use crate::plan::{Fetch, Git};

/// What a download is called until it is at its place.
const FILE: &str = "file";

impl Lowering<'_> {
    /// Makes the actions of a download.
    pub(super) fn download(
        &self,
        fetch: &Fetch,
        building: &Building<'_>,
        here: Here<'_>,
    ) -> Option<FileAction> {
        // What isn't a URL is an error of the plan already.
        let source = Http::new(&fetch.url).ok()?.filename(FILE);
        let source = match &fetch.checksum {
            Some(checksum) => source.checksum(checksum.clone()),
            None => source,
        };
        let state = self.source(source, &fetch.url, building, here).into_state();
        let to = fetch.to.as_deref().unwrap_or("./");
        let place = paths::join(here.workdir, to);
        if fetch.unpack {
            let copy = llb::Copy::new(&state, &format!("/{FILE}"), &place)
                .unpacking()
                .making_parents();
            let copy = owned(copy, fetch.owner.as_ref(), llb::Copy::owner);
            return Some(self.placed(copy, Some(&place), &place, here));
        }
        let into = to.ends_with('/') || to.ends_with("/.") || matches!(to, "." | "..");
        let place = if into {
            paths::join(&place, &fetch.name)
        } else {
            place
        };
        let copy = llb::Copy::new(&state, &format!("/{FILE}"), &place).mode(fetch.mode);
        let copy = owned(copy, fetch.owner.as_ref(), llb::Copy::owner);
        Some(self.placed(copy, None, &place, here))
    }

    /// Makes the actions of a checkout.
    pub(super) fn checkout(
        &self,
        git: &Git,
        building: &Building<'_>,
        here: Here<'_>,
    ) -> Option<FileAction> {
        let mut source = llb::Git::new(&git.url);
        let checks = self.can(Capability::SourceGitChecksum);
        // A daemon that can't check a commit can take it by its hash, which is the same.
        let by_commit = git.commit().filter(|_| git.reference.is_none() || !checks);
        if let Some(reference) = by_commit.or(git.reference.as_deref()) {
            source = source.reference(reference);
        }
        if let Some(checksum) = git.checksum.as_deref().filter(|_| checks) {
            source = source.checksum(checksum);
        }
        // `.git` lies at the root of the repository, so with it all is checked out.
        let narrow = self.can(Capability::SourceGitSubdir) && !git.keep_git;
        let mut path = "/".to_owned();
        match &git.subdir {
            Some(subdir) if narrow => source = source.subdir(subdir),
            Some(subdir) => path.push_str(subdir),
            None => {}
        }
        if git.keep_git {
            source = source.keep_git_dir();
        }
        if !git.submodules {
            source = source.skip_submodules();
        }
        if let Some(id) = &git.ssh {
            source = source.ssh_socket(id);
        }
        if let Some(keys) = &git.known_hosts {
            source = source.known_ssh_hosts(keys);
        }
        let state = self
            .source(source, &git.url, building, here)
            .into_state()
            .ok()?;
        let place = paths::join(here.workdir, git.to.as_deref().unwrap_or("."));
        let copy = llb::Copy::new(&state, &path, &place)
            .contents()
            .making_parents();
        Some(self.placed(copy, Some(&place), &place, here))
    }

    /// Says of a source what is said of every vertex of a step.
    fn source<S: Constrain>(
        &self,
        source: S,
        url: &str,
        building: &Building<'_>,
        here: Here<'_>,
    ) -> S {
        let source = self.locate(source, places(here.step));
        let source = source.named(format!("[{}] from {url}", building.stage.name));
        if building.no_cache {
            source.ignoring_cache()
        } else {
            source
        }
    }

    /// Makes the directories for a copy, the copy, and the times of all.
    fn placed(
        &self,
        copy: llb::Copy,
        directory: Option<&str>,
        place: &str,
        here: Here<'_>,
    ) -> FileAction {
        let parent = paths::clean(&format!("{place}/.."));
        let made = Mkdir::new(directory.unwrap_or(&parent), 0o755)
            .parents()
            .created(self.time());
        let made = FileAction::from(made);
        if here.keeps_times {
            return made.then(copy);
        }
        let directories = parents(place).chain(directory.map(str::to_owned));
        let directories = directories.filter(|directory| directory != "/").collect();
        self.settled(made.then(copy.created(self.time())), directories)
    }
}
