//! The mounts of a script: binds, caches, secrets, SSH agents, tmpfs, outputs.

use std::collections::BTreeMap;

use buildkit_llb::{
    BindMount, Capability, Copy, Exec, FileAction, Mkfile, Mount, Secret, SshSocket, State, Tmpfs,
    When,
};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::plan::{self, IMAGE, Run};
use stagefile_language::source::Span;
use stagefile_runner::reserved::RESERVED;

use super::building::Building;
use super::progress::Called as _;
use super::run_context::{Modes, RunContext};
use super::{outputs, paths, progress};

/// The name of a file that is mounted alone.
const FILE: &str = "/file";
/// The path of the filtered part of a directory.
const PART: &str = "/part";
/// The mode of a secret's file: readable by its owner, or by the step's user, whose number is unknown. The sandbox has no
/// other users.
const SECRET_MODES: Modes = Modes {
    own: 0o400,
    any: 0o444,
};
/// The same for an SSH agent's socket.
const SOCKET_MODES: Modes = Modes {
    own: 0o600,
    any: 0o666,
};

/// The mounts of a script, each path once.
struct Mounts {
    places: BTreeMap<String, Span>,
    /// Whether it is known what relative paths are resolved against.
    knows_workdir: bool,
    /// Whether one of our own files is mounted below [`RESERVED`].
    has_own: bool,
}

impl Mounts {
    /// Claims a path, or reports that it is taken; `written` is the path in the file. Nothing can be mounted at the root:
    /// then it returns `false`.
    fn claim(&mut self, target: &str, written: &str, span: Span, found: &mut Diagnostics) -> bool {
        if target == "/" {
            // With the base's working directory, it may be another path.
            if self.knows_workdir || written.starts_with('/') {
                found.push(diagnostics::mount_at_root(span));
            }
            return false;
        }
        if self.is_reserved(target) {
            found.push(diagnostics::reserved_mount(target, RESERVED, span));
        } else if let Some(first) = self.places.insert(target.to_owned(), span) {
            found.push(diagnostics::mount_conflict(target, span, first));
        }
        true
    }

    /// Reports whether a mount would replace or hide our own files, which decide whether a step fails.
    fn is_reserved(&self, target: &str) -> bool {
        // A link to `/run` in most images.
        let target = target.strip_prefix("/var").unwrap_or(target);
        target == RESERVED
            || paths::is_below(target, RESERVED)
            || (self.has_own && paths::is_below(RESERVED, target))
    }

    /// Reports whether something is mounted inside a path.
    fn inside(&self, target: &str) -> bool {
        // In sorted order, a path inside comes first after the path with a slash.
        let first = self.places.range(paths::slashed(target)..).next();
        first.is_some_and(|(other, _)| paths::is_below(other, target))
    }
}

impl Building<'_> {
    /// Adds all mounts of a script to a process.
    pub(super) fn mount(
        &self,
        mut exec: Exec,
        run: &Run,
        context: &RunContext<'_>,
        found: &mut Diagnostics,
    ) -> Exec {
        let mut mounts = Mounts {
            places: BTreeMap::new(),
            knows_workdir: self.config_known,
            has_own: self.has_own_mounts(run),
        };
        if let Some(within) = &run.within {
            _ = mounts.claim(IMAGE, IMAGE, within.span, found);
        }
        let join = |path: &str| paths::join(context.workdir, path);
        for cache in &run.settings.caches {
            let target = context.target(cache);
            if mounts.claim(&target, "", cache.span, found) {
                exec = exec.mount(self.cache_mount(cache, &target, context));
            }
            for (path, text) in &cache.files {
                if mounts.claim(path, path, cache.span, found) {
                    exec = exec.mount(file_mount(path, text, 0o644));
                }
            }
        }
        for tmpfs in &run.tmpfs {
            let target = join(&tmpfs.target);
            if mounts.claim(&target, &tmpfs.target, tmpfs.span, found) {
                exec = exec.mount(self.tmpfs(target, tmpfs.size));
            }
        }
        let shm_size = self.lowering.options.run.shm_size;
        if shm_size > 0 && self.lowering.can(Capability::ExecMountTmpfsSize) {
            exec = exec.mount(self.tmpfs("/dev/shm".to_owned(), shm_size));
        }
        let mounted = outputs::Mounted::new(run, context);
        for output in &run.outputs {
            let target = join(&output.value);
            let is_free = mounts.claim(&target, &output.value, output.span, found);
            if is_free && mounted.cover(&target) {
                exec = exec.mount(outputs::mount(&target, context).0);
            }
        }
        for secret in &run.settings.secrets {
            let target = secret.target.as_ref();
            if target.is_none_or(|target| mounts.claim(&join(target), target, secret.span, found)) {
                exec = exec.secret(secret_of(secret, context, join));
            }
        }
        for agent in &run.settings.ssh {
            let target = agent.target.as_ref();
            if target.is_none_or(|target| mounts.claim(&join(target), target, agent.span, found)) {
                exec = exec.ssh(socket_of(agent, context, join));
            }
        }
        let binds = run.settings.mounts.iter();
        let binds: Vec<_> = binds
            // Without a daemon, the matches of a pattern are unknown.
            .filter(|mount| mount.pattern.is_none() || !self.lowering.offline)
            .map(|mount| (mount, join(&mount.target)))
            .filter(|(mount, target)| mounts.claim(target, &mount.target, mount.span, found))
            .collect();
        for (mount, target) in binds {
            let Some((state, path)) = self.files(&mount.source, &mount.path) else {
                continue;
            };
            // Mounts inside need a mount point, which can't be created in a read-only directory.
            let writable = mount.writable || mounts.inside(&target);
            let (state, path) = if mount.include.is_empty() && mount.exclude.is_empty() {
                (state, path)
            } else {
                (self.filtered(mount, &state, &path), PART.to_owned())
            };
            exec = exec.mount(self.bind(target, &state, &path, writable));
        }
        exec
    }

    /// Copies what the patterns of a mount include.
    fn filtered(&self, mount: &plan::Mount, state: &State, path: &str) -> State {
        let copy = Copy::new(state, paths::clean(path), PART)
            .contents()
            .include(mount.include.iter())
            .exclude(mount.exclude.iter());
        let copy = self.lowering.locate(FileAction::from(copy), [mount.span]);
        let path = progress::as_written(&mount.path);
        let name = format!("[{}] select files of {path}", self.stage.name);
        State::scratch().file(copy.called(name))
    }

    fn bind(&self, target: String, state: &State, path: &str, writable: bool) -> BindMount {
        let path = paths::clean(path);
        let mount = Mount::bind(target, state).when(path != "/", |mount| mount.selector(path));
        if !writable {
            return mount.readonly();
        }
        // Without the capability, the changes become an unused result.
        let without_output = self
            .lowering
            .can(Capability::ExecMountBindReadWriteNoOutput);
        mount.when(without_output, BindMount::without_output)
    }

    fn tmpfs(&self, target: String, size: u64) -> Tmpfs {
        let mount = Mount::tmpfs(target);
        match i64::try_from(size) {
            Ok(size) if size > 0 && self.lowering.can(Capability::ExecMountTmpfsSize) => {
                mount.size(size)
            }
            _ => mount,
        }
    }
}

/// Mounts a file that isn't from an image.
pub(super) fn file_mount(path: &str, text: &str, mode: u32) -> BindMount {
    let file = FileAction::from(Mkfile::new(FILE, mode, text.to_owned()));
    let file = file.called(format!("[internal] write {path}"));
    Mount::bind(path, &State::scratch().file(file))
        .selector(FILE)
        .readonly()
}

fn secret_of(
    secret: &plan::Secret,
    context: &RunContext<'_>,
    join: impl Fn(&str) -> String,
) -> Secret {
    let given = match (&secret.target, &secret.env) {
        (Some(target), None) => Secret::file(join(target)),
        (Some(target), Some(env)) => Secret::file(join(target)).and_env(env),
        (None, env) => Secret::env(env.as_deref().unwrap_or(&secret.id)),
    };
    let owner = context.owner(secret.uid, secret.gid);
    let given = given
        .id(&secret.id)
        .owner(owner.uid, owner.gid)
        .mode(secret.mode.unwrap_or(owner.mode(&SECRET_MODES)));
    given.when(secret.optional, Secret::optional)
}

fn socket_of(
    agent: &plan::SshAgent,
    context: &RunContext<'_>,
    join: impl Fn(&str) -> String,
) -> SshSocket {
    let owner = context.owner(agent.uid, agent.gid);
    let socket = SshSocket::new()
        .id(&agent.id)
        .owner(owner.uid, owner.gid)
        .mode(agent.mode.unwrap_or(owner.mode(&SOCKET_MODES)));
    let socket = match &agent.target {
        Some(target) => socket.path(join(target)),
        None => socket,
    };
    socket.when(agent.optional, SshSocket::optional)
}

#[cfg(test)]
mod tests {
    use buildkit_llb::Support;

    use super::super::test_plans::lowered;

    /// Nothing may be mounted over the directory that contains our own mounts.
    #[test]
    fn what_is_ours_is_not_hidden() {
        for (step, is_refused) in [
            ("run: make", false),
            ("run: make, every: 1h", true),
            ("run: make, always: true", true),
        ] {
            let text = format!(
                "stages: {{ app: {{ from: scratch, steps: [{{ {step}, tmpfs: /run }}] }} }}\n"
            );
            let lowered = lowered(&text, Support::full());
            assert_eq!(lowered.is_err(), is_refused, "{step}");
        }
    }
}
