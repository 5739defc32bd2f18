//! Outputs of scripts: paths that a script fills, of which other stages take what it leaves there.
//!
//! An output is an ordinary directory, so that a script may remove and replace it, and it is part of the stage like
//! everything else that the script writes. Only below something that is mounted, of which nothing is kept, it is a mount.

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

/// The directory that a mounted output begins as.
const EMPTY: &str = "/output";
/// What every sandbox mounts by itself.
const SANDBOX: [&str; 3] = ["/dev", "/proc", "/sys"];

/// The places at which something is mounted for a script.
pub(super) struct Mounted(HashSet<String>);

impl Mounted {
    /// Lists those of a script.
    pub(super) fn of(run: &Run, context: &RunContext<'_>) -> Self {
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

    /// Tells whether a path lies below one of them.
    pub(super) fn cover(&self, path: &str) -> bool {
        let mut slashes = path.match_indices('/').skip(1);
        slashes.any(|(at, _)| self.0.contains(&path[..at]))
    }
}

/// Mounts an output that lies below something that is mounted. Returns where it is in what the mount leaves, too.
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
    /// Makes the directories of a step's outputs, as its user's.
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
        let made = made.when(self.no_cache, FileAction::ignoring_cache);
        built.state = built.state.file(made);
        built.layers.push(History::layer(what));
    }
}
