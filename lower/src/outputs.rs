//! Outputs of scripts: paths that a script writes, whose content other stages use.
//!
//! An output is an ordinary directory, so a script may remove and replace it, and it is part of the stage like everything
//! else that the script writes. It is only a mount if it is below another mount, whose content isn't kept.

use std::collections::HashSet;

use buildkit_image_config::History;
use buildkit_llb::{BindMount, Constrain, FileAction, Mount, State, When};
use stagefile_language::plan::{Run, Step};

use super::building::{Building, places};
use super::built::Built;
use super::caches::directory_of_user;
use super::paths;
use super::progress::{Called as _, Progress};
use super::run_context::RunContext;
use super::times::fixed_time;

/// The initial directory of an output that is a mount.
const EMPTY: &str = "/output";
/// The paths that every sandbox mounts.
const SANDBOX: [&str; 3] = ["/dev", "/proc", "/sys"];

/// The paths of a script's mounts.
pub(super) struct Mounted(HashSet<String>);

impl Mounted {
    /// Returns the paths of a script's mounts.
    pub(super) fn new(run: &Run, context: &RunContext<'_>) -> Self {
        let join = |path: &String| paths::join(context.workdir, path);
        let caches = run
            .settings
            .caches
            .iter()
            .map(|cache| context.target(cache));
        let tmpfs = run.tmpfs.iter().map(|tmpfs| join(&tmpfs.target));
        let binds = run.settings.mounts.iter().map(|mount| join(&mount.target));
        let own = SANDBOX.iter().map(|path| (*path).to_owned());
        Self(caches.chain(tmpfs).chain(binds).chain(own).collect())
    }

    /// Reports whether a path is below one of them.
    pub(super) fn cover(&self, path: &str) -> bool {
        let mut slashes = path.match_indices('/').skip(1);
        slashes.any(|(at, _)| self.0.contains(&path[..at]))
    }
}

/// Mounts an output that is below another mount. Also returns its position in the mount's content.
pub(super) fn mount(path: &str, context: &RunContext<'_>) -> (BindMount, &'static str) {
    match directory_of_user(EMPTY, context, fixed_time()) {
        None => (Mount::scratch(path), "/"),
        Some(directory) => {
            let name = format!("[internal] output {path}");
            let directory = State::scratch().file(directory.called(name));
            (Mount::bind(path, &directory).selector(EMPTY), EMPTY)
        }
    }
}

impl Building<'_> {
    /// Creates the directories of a step's outputs, owned by the step's user.
    pub(super) fn make_outputs(
        &self,
        step: &Step,
        directories: &[&str],
        user: &str,
        progress: &Progress,
        built: &mut Built,
    ) {
        let make = |path: &&str| self.lowering.workdir(path, user, &built.state);
        let Some(made) = directories.iter().map(make).reduce(FileAction::then) else {
            return;
        };
        let what = format!("mkdir {}", directories.join(" "));
        let made = self.lowering.locate(made, places(step));
        let made = made.called(progress.beside(&what));
        let made = made.when(self.no_cache, FileAction::ignore_cache);
        built.state = built.state.file(made);
        built.layers.push(History::layer(what));
    }
}
