//! Steps that take files from the network: a vertex of the source, and the copy to its place.

use buildkit_llb::{self as llb, Capability, Constrain, FileAction, Http, Mkdir, State, When};
use stagefile_language::plan::{Fetch, Git, Owner, is_directory};

use super::building::{Building, CopyTimes, StepContext, places};
use super::files::{self, ASIDE, owned};
use super::paths;
use super::progress::Called as _;
use super::times::parents;

/// What a download is called whose address says no name.
const FILE: &str = "file";

impl Building<'_> {
    /// Makes the actions of a download.
    pub(super) fn download(&self, fetch: &Fetch, here: StepContext<'_>) -> Option<FileAction> {
        // What isn't a URL is an error of the plan already.
        // Its name counts where the place turns out to be a directory.
        let named = fetch.to.as_deref().map(paths::name);
        let names = [Some(fetch.name.as_str()), named];
        let file = names.into_iter().flatten().find(|name| !name.is_empty());
        let file = file.unwrap_or(FILE);
        let source = Http::new(&fetch.url).ok()?.filename(file);
        let checksum = self
            .lowering
            .checksum_of(&fetch.url, fetch.checksum.as_ref());
        let source = source.when_some(checksum, Http::checksum);
        let state = self.source(source, &fetch.url, here).into_state();
        let to = fetch.to.as_deref().unwrap_or("./");
        let place = paths::join(here.workdir, to);
        let owner = fetch.owner.as_ref();
        let source = format!("/{file}");
        if fetch.unpack {
            // Directories that an archive doesn't name have the time of the build, until they are copied. The mode is for
            // what is no archive.
            let unpack = llb::Copy::new(&state, &source, paths::slashed(ASIDE))
                .unpack()
                .mode(fetch.mode);
            let aside = FileAction::from(Mkdir::new(ASIDE, 0o755)).then(unpack);
            let copy = llb::Copy::new(aside.on(&State::scratch()), ASIDE, &place).contents();
            let copy = owned(copy, owner, llb::Copy::owner);
            return Some(self.placed(copy, owner, Some(&place), &place, here));
        }
        let place = if is_directory(to) {
            paths::join(&place, &fetch.name)
        } else {
            place
        };
        let copy = llb::Copy::new(&state, &source, &place).mode(fetch.mode);
        let copy = owned(copy, owner, llb::Copy::owner);
        Some(self.placed(copy, owner, None, &place, here))
    }

    /// Makes the actions of a checkout.
    pub(super) fn checkout(&self, git: &Git, here: StepContext<'_>) -> Option<FileAction> {
        let mut source = llb::Git::new(&git.url);
        let checks = self.lowering.can(Capability::SourceGitChecksum);
        // A daemon that can't check a commit can take it by its hash, which is the same.
        let by_commit = git.commit().filter(|_| git.reference.is_none() || !checks);
        let locked = self.lowering.locked_commit(
            &git.url,
            git.reference.as_deref(),
            git.checksum.as_deref(),
        );
        let by_commit = by_commit.or(locked);
        if let Some(reference) = by_commit.or(git.reference.as_deref()) {
            source = source.reference(reference);
        }
        if let Some(checksum) = git.checksum.as_deref().filter(|_| checks) {
            source = source.checksum(checksum);
        }
        // `.git` lies at the root of the repository, so with it all is checked out.
        let narrow = self.lowering.can(Capability::SourceGitSubdir) && !git.keep_git;
        let mut path = "/".to_owned();
        match &git.subdir {
            Some(subdir) if narrow => source = source.subdir(subdir),
            Some(subdir) => path.push_str(subdir),
            None => {}
        }
        let source = source
            .when(git.keep_git, llb::Git::keep_git_dir)
            .when(!git.submodules, llb::Git::skip_submodules)
            .when_some(git.ssh.as_ref(), llb::Git::ssh_socket)
            .when_some(git.known_hosts.as_deref(), llb::Git::known_ssh_hosts);
        let state = self.source(source, &git.url, here).into_state().ok()?;
        let place = paths::join(here.workdir, git.to.as_deref().unwrap_or("."));
        let copy = llb::Copy::new(&state, &path, &place).contents().parents();
        Some(self.placed(copy, None, Some(&place), &place, here))
    }

    /// Says of a source what is said of every vertex of a step.
    fn source<S: Constrain + When>(&self, source: S, url: &str, here: StepContext<'_>) -> S {
        let source = self.lowering.locate(source, places(here.step));
        let source = source.called(format!("[{}] from {url}", self.stage.name));
        source.when(self.no_cache, Constrain::ignoring_cache)
    }

    /// Makes the directories for a copy, the copy, and the times of all.
    fn placed(
        &self,
        copy: llb::Copy,
        owner: Option<&Owner>,
        directory: Option<&str>,
        place: &str,
        here: StepContext<'_>,
    ) -> FileAction {
        let parent = directory.unwrap_or_else(|| paths::parent(place));
        let made = files::directory(parent, owner, self.lowering.time());
        if here.times != CopyTimes::Fixed {
            return made.then(copy);
        }
        let directories = parents(place).chain(directory.map(str::to_owned));
        let directories = directories.filter(|directory| directory != "/").collect();
        self.lowering
            .with_fixed_times(made.then(copy.created(self.lowering.time())), directories)
    }
}
