//! What a step needs of the daemon, checked where a step is lowered, so that a refusal has its place.
//!
//! What has a fallback isn't here: it is done where the fallback is. Capabilities of single file actions are not recorded in
//! the graph, so a daemon without them would go on and do something else.

use buildkit_llb::Capability;

use super::Lowering;
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::plan::{Action, Copy, External, Git, Mode, Run, Source};
use crate::source::Span;

impl Lowering<'_> {
    /// Reports what a step needs and the daemon lacks.
    pub(super) fn check_support(&self, action: &Action, span: Span, found: &mut Diagnostics) {
        self.refuse(needs(action), span, found);
        if let Action::Run(run) = action {
            self.check_limits(run, found);
        }
        for source in action.sources() {
            if let Source::External(external) = &source.value {
                self.check_external(external, source.span, found);
            }
        }
    }

    /// Reports what is needed and the daemon lacks.
    pub(super) fn refuse(
        &self,
        needs: Vec<(bool, Capability, &str)>,
        span: Span,
        found: &mut Diagnostics,
    ) {
        for (needed, capability, what) in needs {
            if needed && !self.can(capability) {
                found.push(diagnostics::unsupported_feature(
                    what,
                    since(capability),
                    capability.id(),
                    self.sources.first_line(span),
                ));
            }
        }
    }
}

/// Lists what something from outside may need: whether it does, what guards it, and the words for it.
pub(super) fn needs_of_external(external: &External) -> Vec<(bool, Capability, &'static str)> {
    match external {
        External::Git(git) => vec![
            (
                git.checksum.is_some() && git.checksum != git.reference,
                Capability::SourceGitChecksum,
                "the `checksum` of a repository",
            ),
            (
                !git.submodules,
                Capability::SourceGitSkipSubmodules,
                "a repository without submodules",
            ),
            (
                git.ssh.is_some(),
                Capability::SourceGitMountSshSock,
                "the `ssh` of a repository",
            ),
        ],
        External::Layout(..) => vec![(true, Capability::SourceOciLayout, "`oci-layout`")],
        External::Dockerfile(file, _) => vec![(
            !file.contexts.is_empty(),
            // Named contexts have no capability of their own; this one came with the same release.
            Capability::ExecMountTmpfsSize,
            "a Dockerfile with `contexts`",
        )],
        External::Image(..) | External::Context(_) | External::Http(_) => Vec::new(),
    }
}

/// Lists what a step may need: whether it does, what guards it, and the words for it.
fn needs(action: &Action) -> Vec<(bool, Capability, &'static str)> {
    match action {
        Action::Run(run) => needs_of_run(run),
        Action::Copy(copy) => needs_of_copy(copy),
        Action::Remove(remove) => vec![(
            remove.glob,
            Capability::FileRmWildcard,
            "`remove` with `glob`",
        )],
        Action::Symlink(_) => vec![(true, Capability::FileSymlinkCreate, "`symlink`")],
        Action::Git(git) => needs_of_git(git),
        Action::Write(_) | Action::Mkdir(_) | Action::Fetch(_) | Action::Parallel(_) => Vec::new(),
    }
}

fn needs_of_run(run: &Run) -> Vec<(bool, Capability, &'static str)> {
    let secret_variable = run
        .settings
        .secrets
        .iter()
        .any(|secret| secret.env.is_some());
    let limited = run.tmpfs.iter().any(|tmpfs| tmpfs.size > 0);
    vec![
        (
            secret_variable,
            Capability::ExecSecretEnv,
            "a secret in a variable",
        ),
        (
            !run.supervision.successes.is_empty(),
            Capability::ExecValidExitCode,
            "`exit-codes`",
        ),
        (
            limited,
            Capability::ExecMountTmpfsSize,
            "the `size` of a `tmpfs`",
        ),
    ]
}

fn needs_of_copy(copy: &Copy) -> Vec<(bool, Capability, &'static str)> {
    let patterns = !copy.include.is_empty() || !copy.exclude.is_empty();
    let symbolic = matches!(copy.mode, Some(Mode::Symbolic(_)));
    vec![
        (
            patterns,
            Capability::FileCopyIncludeExcludePatterns,
            "`include` or `exclude`",
        ),
        (
            copy.parents,
            Capability::FileCopyIncludeExcludePatterns,
            "`copy` with `parents`",
        ),
        // It has no capability of its own; this one came with the same release.
        (symbolic, Capability::ExecValidExitCode, "a symbolic `mode`"),
    ]
}

/// A whole hash is its own pin, and a directory can be copied out: only what is left needs the daemon.
fn needs_of_git(git: &Git) -> Vec<(bool, Capability, &'static str)> {
    let prefix = git.checksum.is_some() && git.commit().is_none();
    vec![
        (
            prefix,
            Capability::SourceGitChecksum,
            "a `checksum` that isn't a whole hash",
        ),
        (
            !git.submodules,
            Capability::SourceGitSkipSubmodules,
            "`submodules: false`",
        ),
        (
            git.ssh.is_some() || git.known_hosts.is_some(),
            Capability::SourceGitMountSshSock,
            "a repository that is reached by SSH",
        ),
    ]
}

/// Returns the version as people call it: without a patch level of 0.
fn since(capability: Capability) -> &'static str {
    let version = capability.since();
    version.strip_suffix(".0").unwrap_or(version)
}
