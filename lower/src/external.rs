//! What comes from outside: as the daemon knows it, or as the file says it.

use std::borrow::Cow;

use buildkit_llb::{
    Capability, Checksum, Copy, FileAction, Git, GitMtime, Http, Platform, State, When,
};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{External, GitSource, HttpSource};
use stagefile_language::source::Span;

use super::progress::Called as _;
use super::{Lowering, Resolved, support};

impl Lowering<'_> {
    /// Returns what something from outside holds, for a stage of this platform.
    pub fn external(
        &self,
        external: &External,
        stage: &Platform,
        span: Span,
    ) -> Option<Cow<'_, Resolved>> {
        let platform = external.platform(stage);
        let known = match external {
            External::Image(image, _) => self.images.get(image, platform),
            External::Context(name) => self.contexts.get(name, platform),
            External::Layout(layout, _) => self.layouts.get(layout, platform),
            External::Dockerfile(file, _) => self.dockerfiles.get(file, platform),
            External::Git(git) => return files(self.git(git, span)),
            External::Http(http) => return files(self.http(http, span)),
        };
        known.map(Cow::Borrowed)
    }

    /// Reports what something from outside needs and the daemon lacks.
    pub fn check_external(&self, external: &External, span: Span, found: &mut Diagnostics) {
        self.refuse(&support::needs_of_external(external), span, found);
    }

    /// Returns the commit that the lock has for what is checked out of a repository, unless the file says which it is.
    pub(super) fn locked_commit(
        &self,
        url: &str,
        reference: Option<&str>,
        checksum: Option<&str>,
    ) -> Option<&str> {
        let lock = self.lock.filter(|_| checksum.is_none())?;
        lock.commit(url, reference)
    }

    /// Returns what a download has to be: what the file says, or else the lock.
    pub(super) fn checksum_of(&self, url: &str, checksum: Option<&Checksum>) -> Option<Checksum> {
        let locked = || self.lock.and_then(|lock| lock.download(url));
        checksum.cloned().or_else(locked)
    }

    fn git(&self, source: &GitSource, span: Span) -> Option<State> {
        let locked = self.locked_commit(
            &source.url,
            source.reference.as_deref(),
            source.checksum.as_deref(),
        );
        // Where the commit itself is fetched, nothing is left to be compared.
        let checksum = source.checksum.as_ref();
        let checksum = checksum.filter(|_| source.checksum != source.reference);
        // The time of a checkout would make every build another.
        let has_commit_times = self.can(Capability::SourceGitMtime);
        let subdir = source.subdir.as_deref();
        // No daemon knows the commit's time in a part of a checkout: `failed to get commit time`.
        let by_copy = subdir.filter(|_| has_commit_times || !self.can(Capability::SourceGitSubdir));
        let git = Git::new(&source.url)
            .when_some(locked.or(source.reference.as_deref()), Git::reference)
            .when_some(checksum, Git::checksum)
            .when(source.keep_git, Git::keep_git_dir)
            .when(!source.submodules, Git::skip_submodules)
            .when_some(source.ssh.as_ref(), Git::ssh_socket)
            .when(has_commit_times, |git| git.mtime(GitMtime::Commit))
            .when_some(subdir.filter(|_| by_copy.is_none()), Git::subdir);
        let mut name = External::Git(Box::new(source.clone())).description();
        if let Some(commit) = locked {
            name = format!("{name}@{commit}");
        }
        let git = self.locate(git, [span]).called(format!("from {name}"));
        let files = git.into_state().ok()?;
        Some(match by_copy {
            Some(subdir) => {
                let copy = Copy::new(&files, subdir, "/").contents();
                let copy: FileAction = self.locate(copy.into(), [span]);
                State::scratch().file(copy.called(format!("from {name}: {subdir}")))
            }
            None => files,
        })
    }

    fn http(&self, source: &HttpSource, span: Span) -> Option<State> {
        let http = Http::new(&source.url)
            .ok()?
            .filename(&source.filename)
            .when_some(
                self.checksum_of(&source.url, source.checksum.as_ref()),
                Http::checksum,
            );
        let http = self.locate(http, [span]);
        let file = http.called(format!("from {}", source.url)).into_state();
        if !source.unpack {
            return Some(file);
        }
        let copy = Copy::new(&file, &format!("/{}", source.filename), "/").unpack();
        let unpack: FileAction = copy.into();
        let unpack = self.locate(unpack, [span]);
        Some(State::scratch().file(unpack.called(format!("unpack {}", source.filename))))
    }
}

fn files<'a>(state: Option<State>) -> Option<Cow<'a, Resolved>> {
    state.map(|state| Cow::Owned(Resolved::files(state)))
}
