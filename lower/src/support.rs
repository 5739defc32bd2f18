//! Capabilities that steps need, checked when a step is lowered, so that an error has the step's location.
//!
//! Features with a fallback aren't checked here, but where the fallback is. Capabilities of individual file actions are not
//! recorded in the graph, so a daemon without them would continue and do something else.

use buildkit_llb::Capability;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::plan::{Action, Copy, External, GitSource, Mode, Run, Source};
use stagefile_language::source::Span;

use super::Lowering;

impl Lowering<'_> {
    /// Reports capabilities that a step needs and the daemon lacks.
    pub(super) fn check_support(&self, action: &Action, span: Span, found: &mut Diagnostics) {
        match action {
            Action::Run(run) => {
                self.refuse(&needs_of_run(run), span, found);
                self.check_limits(run, found);
            }
            Action::Copy(copy) => self.refuse(&needs_of_copy(copy), span, found),
            Action::Remove(remove) => {
                let glob = (
                    remove.glob,
                    Capability::FileRmWildcard,
                    "`remove` with `glob`",
                );
                self.refuse(&[glob], span, found);
            }
            Action::Symlink(_) => {
                let symlink = (true, Capability::FileSymlinkCreate, "`symlink`");
                self.refuse(&[symlink], span, found);
            }
            Action::Git(git) => self.refuse(&needs_of_git(&git.source), span, found),
            Action::Write(_) | Action::Mkdir(_) | Action::Fetch(_) | Action::Parallel(_) => {}
        }
        for source in action.sources() {
            if let Source::External(external) = &source.value {
                self.check_external(external, source.span, found);
            }
        }
    }

    /// Reports missing capabilities. Each entry has whether the feature is needed, the capability for it, and its name in
    /// messages.
    pub(super) fn refuse(
        &self,
        needs: &[(bool, Capability, &str)],
        span: Span,
        found: &mut Diagnostics,
    ) {
        for &(needed, capability, what) in needs {
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

/// Returns the features that an external source may need: whether it does, the capability, and the name in messages.
pub(super) fn needs_of_external(external: &External) -> Vec<(bool, Capability, &'static str)> {
    match external {
        External::Git(git) => needs_of_git(git).into(),
        External::Layout(..) => vec![(true, Capability::SourceOciLayout, "`oci-layout`")],
        External::Dockerfile(file, _) => vec![(
            !file.contexts.is_empty(),
            // Named contexts have no capability; this one was introduced in the same release.
            Capability::ExecMountTmpfsSize,
            "a Dockerfile with `contexts`",
        )],
        External::Image(..) | External::Context(_) | External::Http(_) => Vec::new(),
    }
}

fn needs_of_run(run: &Run) -> [(bool, Capability, &'static str); 3] {
    let secret_variable = run
        .settings
        .secrets
        .iter()
        .any(|secret| secret.env.is_some());
    let limited = run.tmpfs.iter().any(|tmpfs| tmpfs.size > 0);
    [
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

fn needs_of_copy(copy: &Copy) -> [(bool, Capability, &'static str); 3] {
    let patterns = !copy.include.is_empty() || !copy.exclude.is_empty();
    let symbolic = matches!(copy.mode, Some(Mode::Symbolic(_)));
    [
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
        // It has no capability; this one was introduced in the same release.
        (symbolic, Capability::ExecValidExitCode, "a symbolic `mode`"),
    ]
}

/// A full hash needs no check, and a directory can be copied out, so only the rest depends on the daemon.
fn needs_of_git(git: &GitSource) -> [(bool, Capability, &'static str); 3] {
    let prefix = git.checksum.is_some() && git.commit().is_none();
    [
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

/// Returns the version without a patch level of 0.
fn since(capability: Capability) -> &'static str {
    let version = capability.since();
    version.strip_suffix(".0").unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use buildkit_llb::Support;

    use super::super::test_plans::lowered;
    use super::*;

    /// Each step, the capability that it needs, and a similar step that doesn't need it.
    #[test]
    fn a_step_is_refused_only_for_what_it_needs() {
        const HASH: &str = "0123456789012345678901234567890123456789";
        for (capability, step, other) in [
            (
                Capability::ExecMountTmpfsSize,
                "run: make, tmpfs: { to: /t, size: 1m }",
                "run: make, tmpfs: /t",
            ),
            (
                Capability::ExecValidExitCode,
                "run: make, exit-codes: [0, 3]",
                "run: make",
            ),
            (
                Capability::FileRmWildcard,
                "remove: '/*.log', glob: true",
                "remove: '/a.log'",
            ),
            (
                Capability::FileSymlinkCreate,
                "symlink: /a, target: b",
                "mkdir: /a",
            ),
            (
                Capability::SourceGitChecksum,
                "git: 'https://example.com/x.git', to: /x, checksum: c0ffee1",
                &format!("git: 'https://example.com/x.git', to: /x, checksum: '{HASH}'"),
            ),
            (
                Capability::SourceGitSkipSubmodules,
                "git: 'https://example.com/x.git', to: /x, submodules: false",
                "git: 'https://example.com/x.git', to: /x",
            ),
            (
                Capability::SourceGitMountSshSock,
                "git: 'git@example.com:x.git', to: /x, ssh: key",
                "git: 'git@example.com:x.git', to: /x",
            ),
            (
                Capability::SourceGitMountSshSock,
                "git: 'git@example.com:x.git', to: /x, ssh: { known-hosts: example.com ssh-ed25519 AAAA }",
                "git: 'git@example.com:x.git', to: /x",
            ),
            // What a step uses from outside is checked like what a stage starts from.
            (
                Capability::SourceGitSkipSubmodules,
                "copy: /a, from: { git: 'https://example.com/x.git', submodules: false }",
                "copy: /a, from: { git: 'https://example.com/x.git' }",
            ),
            (
                Capability::SourceOciLayout,
                &format!(
                    "copy: /a, from: {{ oci-layout: 'base@sha256:{HASH}{}' }}",
                    &HASH[..24]
                ),
                "copy: /a, from: alpine",
            ),
            (
                Capability::ExecMountTmpfsSize,
                "copy: /a, from: { dockerfile: Dockerfile, contexts: { base: other } }",
                "copy: /a, from: { dockerfile: Dockerfile }",
            ),
            (
                Capability::ExecSecretEnv,
                "run: make, secrets: [variable]",
                "run: make, secrets: [file]",
            ),
            (
                Capability::FileCopyIncludeExcludePatterns,
                "copy: a, include: ['*.c']",
                "copy: a",
            ),
            (
                Capability::FileCopyIncludeExcludePatterns,
                "copy: a, exclude: ['*.c']",
                "copy: a",
            ),
            (
                Capability::FileCopyIncludeExcludePatterns,
                "copy: a/b, parents: true",
                "copy: a/b",
            ),
            (
                Capability::ExecMetaLinuxResources,
                "run: make, limits: { memory: 1g }",
                "run: make, limits: { memory: unlimited }",
            ),
            (
                Capability::ExecMetaLinuxResources,
                "run: make, limits: { cpus: 0.5 }",
                "run: make, limits: { cpus: unlimited }",
            ),
            (
                Capability::ExecMetaCdi,
                "run: make, devices: vendor.com/class",
                "run: make",
            ),
            (
                Capability::ExecMetaCgroupParent,
                "run: make, cgroup-parent: /builds",
                "run: make",
            ),
            (
                Capability::ExecValidExitCode,
                "copy: a, mode: a+x",
                "copy: a, mode: 0755",
            ),
        ] {
            let all = Capability::ALL.iter().copied();
            let support =
                || Support::from_capabilities(all.clone().filter(|one| *one != capability));
            let build = |step: &str| {
                let text = format!(
                    "secrets: {{ variable: {{ env: TOKEN }}, file: {{}} }}\nstages: {{ other: {{ from: scratch }}, app: {{ from: scratch, steps: [{{ {step} }}] }} }}\n"
                );
                lowered(&text, support()).map(|_| ())
            };
            let refused = build(step).unwrap_err();
            assert!(refused.contains("BuildKit"), "{step}: {refused}");
            assert_eq!(build(other), Ok(()), "{other}");
        }
    }
}
