//! Remote files: the vertex of the source, and for a step the copy to its destination.

use buildkit_llb::{
    self as llb, Capability, Constrain, FileAction, GitMtime, Http, Mkdir, State, When,
};
use stagefile_language::plan::{External, Fetch, Git, GitSource, HttpSource, Owner, is_directory};
use stagefile_language::source::Span;

use super::Lowering;
use super::building::{Building, CopyTimes, StepContext, places};
use super::files::{self, ASIDE, owned};
use super::paths;
use super::progress::Called as _;
use super::times::parents;

impl Lowering<'_> {
    /// Returns the files of a repository.
    pub(super) fn repository(&self, source: &GitSource, span: Span) -> Option<State> {
        // The time of the checkout would make every build different.
        let (git, subdir) = self.checkout_of(source, self.can(Capability::SourceGitMtime));
        let mut name = External::Git(Box::new(source.clone())).description();
        if let Some(commit) = self.locked_commit(source) {
            name = format!("{name}@{commit}");
        }
        let git = self.locate(git, [span]).called(format!("from {name}"));
        let files = git.into_state().ok()?;
        let Some(subdir) = subdir else {
            return Some(files);
        };
        let copy: FileAction = llb::Copy::new(&files, subdir, "/").contents().into();
        let copy = self.locate(copy, [span]);
        Some(State::scratch().file(copy.called(format!("from {name}: {subdir}"))))
    }

    /// Returns the file of a server, or its content if it is an archive.
    pub(super) fn file_on_server(&self, source: &HttpSource, span: Span) -> Option<State> {
        let http = self.locate(self.download_of(source)?, [span]);
        let file = http.called(format!("from {}", source.url)).into_state();
        if !source.unpack {
            return Some(file);
        }
        let copy = llb::Copy::new(&file, format!("/{}", source.filename), "/").unpack();
        let unpack: FileAction = copy.into();
        let unpack = self.locate(unpack, [span]);
        Some(State::scratch().file(unpack.called(format!("unpack {}", source.filename))))
    }

    /// Creates the checkout of a repository, with or without the commit's time. Also returns the directory to copy out of the
    /// checkout if the daemon can't check out only that directory.
    fn checkout_of<'s>(
        &self,
        source: &'s GitSource,
        commit_times: bool,
    ) -> (llb::Git, Option<&'s str>) {
        // A daemon that can't verify a commit can fetch it by its hash, which is equivalent.
        let checks = self.can(Capability::SourceGitChecksum);
        let reference = source.reference.as_deref();
        let by_commit = source.commit().filter(|_| reference.is_none() || !checks);
        let reference = by_commit.or(self.locked_commit(source)).or(reference);
        // If the commit itself is fetched, there is nothing to compare.
        let checksum = source.checksum.as_deref();
        let checksum = checksum.filter(|_| checks && checksum != reference);
        // No daemon knows the commit's time in a partial checkout: `failed to get commit time`. And `.git` is at the root of
        // the repository, so keeping it requires a full checkout.
        let narrow = self.can(Capability::SourceGitSubdir) && !source.keep_git && !commit_times;
        let subdir = source.subdir.as_deref();
        let git = llb::Git::new(&source.url)
            .when_some(reference, llb::Git::reference)
            .when_some(checksum, llb::Git::checksum)
            .when_some(subdir.filter(|_| narrow), llb::Git::subdir)
            .when(source.keep_git, llb::Git::keep_git_dir)
            .when(!source.submodules, llb::Git::skip_submodules)
            .when_some(source.ssh.as_ref(), llb::Git::ssh_socket)
            .when_some(source.known_hosts.as_deref(), llb::Git::known_ssh_hosts)
            .when(commit_times, |git| git.mtime(GitMtime::Commit));
        (git, subdir.filter(|_| !narrow))
    }

    /// Creates a download. An invalid URL is already an error in the plan.
    fn download_of(&self, source: &HttpSource) -> Option<Http> {
        let locked = || self.lock.and_then(|lock| lock.download(&source.url));
        let checksum = source.checksum.clone().or_else(locked);
        let http = Http::new(&source.url).ok()?.filename(&source.filename);
        Some(http.when_some(checksum, Http::checksum))
    }

    /// Returns the commit that the lock file has for a repository, unless the file pins one.
    fn locked_commit(&self, source: &GitSource) -> Option<&str> {
        let lock = self.lock.filter(|_| source.checksum.is_none())?;
        lock.commit(&source.url, source.reference.as_deref())
    }
}

impl Building<'_> {
    /// Creates the actions of a download.
    pub(super) fn download(&self, fetch: &Fetch, here: StepContext<'_>) -> Option<FileAction> {
        let HttpSource { url, filename, .. } = &fetch.source;
        let source = self.lowering.download_of(&fetch.source)?;
        let state = self.source(source, url, here).into_state();
        let to = fetch.to.as_deref().unwrap_or("./");
        let place = paths::join(here.workdir, to);
        let owner = fetch.owner.as_ref();
        let file = format!("/{filename}");
        if fetch.source.unpack {
            // Directories that an archive doesn't name have the time of the build until they are copied. The mode is for
            // files that aren't archives.
            let unpack = llb::Copy::new(&state, &file, paths::slashed(ASIDE))
                .unpack()
                .mode(fetch.mode);
            let aside = FileAction::from(Mkdir::new(ASIDE, 0o755)).then(unpack);
            let copy = llb::Copy::new(aside.on(&State::scratch()), ASIDE, &place).contents();
            let copy = owned(copy, owner, llb::Copy::owner);
            return Some(self.placed(copy, owner, Some(&place), &place, here));
        }
        let place = if is_directory(to) {
            paths::join(&place, filename)
        } else {
            place
        };
        let copy = llb::Copy::new(&state, &file, &place).mode(fetch.mode);
        let copy = owned(copy, owner, llb::Copy::owner);
        Some(self.placed(copy, owner, None, &place, here))
    }

    /// Creates the actions of a checkout. Its files get their timestamps when they are copied.
    pub(super) fn checkout(&self, git: &Git, here: StepContext<'_>) -> Option<FileAction> {
        let (source, subdir) = self.lowering.checkout_of(&git.source, false);
        let state = self.source(source, &git.source.url, here);
        let state = state.into_state().ok()?;
        let path = format!("/{}", subdir.unwrap_or_default());
        let place = paths::join(here.workdir, git.to.as_deref().unwrap_or("."));
        let copy = llb::Copy::new(&state, &path, &place).contents().parents();
        Some(self.placed(copy, None, Some(&place), &place, here))
    }

    /// Applies a step's properties to a source.
    fn source<S: Constrain + When>(&self, source: S, url: &str, here: StepContext<'_>) -> S {
        let source = self.lowering.locate(source, places(here.step));
        let source = source.called(format!("[{}] from {url}", self.stage.name));
        source.when(self.no_cache, Constrain::ignore_cache)
    }

    /// Creates the directories for a copy, the copy, and all timestamps.
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

#[cfg(test)]
mod tests {
    use buildkit_llb::{Graph, GraphVertex, MarshalOptions, Support};

    use super::super::test_plans::lowered;
    use super::*;

    const HASH: &str = "0123456789012345678901234567890123456789";

    /// Returns the attributes of the repository in a file's only stage, except for times.
    fn said_of(stage: &str, support: &Support) -> Vec<String> {
        let text = format!("stages: {{ app: {stage} }}\n");
        let built = lowered(&text, support.clone()).expect("a graph").target;
        let graph = Graph::read(&built.state.marshal(&MarshalOptions::new())).expect("a graph");
        let mut vertices = graph.vertices().iter().map(GraphVertex::to_json);
        let source = vertices.find(|json| json.contains("git://"));
        let source = source.expect("a repository");
        let lines = source.lines().map(|line| line.trim().trim_end_matches(','));
        let of_source = |line: &&str| {
            (line.starts_with("\"git.") && !line.contains("git.mtime")) || line.contains("git://")
        };
        lines.filter(of_source).map(str::to_owned).collect()
    }

    /// A repository is fetched the same way in a step and in `from`, whatever the daemon's capabilities.
    #[test]
    fn steps_and_origins_take_the_same_of_a_repository() {
        let hosts = "ssh: { id: key, known-hosts: x }";
        let whole = &format!("checksum: '{HASH}'");
        let both = &format!("ref: v1, checksum: '{HASH}'");
        for options in ["ref: v1", "ref: v1, checksum: c0ffee1", whole, both, hosts] {
            let all = Capability::ALL.iter().copied();
            let old = all.filter(|one| *one != Capability::SourceGitChecksum);
            for support in [Support::full(), Support::from_capabilities(old)] {
                if options.contains("c0ffee1") && support != Support::full() {
                    continue;
                }
                let git = format!("git: 'git@example.com:x.git', submodules: false, {options}");
                let step = said_of(&format!("{{ steps: [{{ {git} }}] }}"), &support);
                let from = said_of(&format!("{{ from: {{ {git} }} }}"), &support);
                assert_eq!(step, from, "{options}");
            }
        }
    }
}
