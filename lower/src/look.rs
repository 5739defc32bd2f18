//! Steps that only look at files, with our own program on the daemon's own platform: nothing of what they look at runs.

use buildkit_llb::{
    BindMount, Capability, ContentCache, Exec, Mount, Network, Platform, State, Support,
};
use stagefile_runner::reserved::{AFTER, BEFORE, RUNNER, added_in, whole_after};
use stagefile_runner::{compare, layers};

use super::Runner;
use super::progress::Called as _;

/// Mounts files without the daemon reading them all, as it does for the cache key of a read-only mount: an image may have
/// many gigabytes, of which a check is about a few files.
pub(super) fn unhashed(path: &str, files: &State, support: &Support) -> BindMount {
    let mount = Mount::bind(path, files);
    if support.supports(Capability::ExecMountContentCache).is_ok() {
        mount.readonly().content_cache(ContentCache::Off)
    } else {
        // Daemons that know no choice read nothing of what a process could change, and of which there is a result.
        mount
    }
}

/// A layer of an image.
#[derive(Clone, Debug)]
pub struct LayerFiles {
    /// What it adds.
    pub added: State,
    /// All files that there are after it, if it may remove some.
    pub whole: Option<State>,
}

/// Looks at the layers of an image, from the lowest. The result has one file, [`layers::LISTING`].
pub fn look_at_layers(
    all: &[LayerFiles],
    runner: &Runner,
    native: &Platform,
    support: &Support,
) -> State {
    let exec = Exec::command(RUNNER, layers::arguments(all.len())).mount(runner.mount());
    let mounted = |exec: Exec, path: &str, files: &State| {
        if files.is_scratch() {
            return exec;
        }
        exec.mount(unhashed(path, files, support))
    };
    let numbered = all.iter().enumerate();
    let exec = numbered.fold(exec, |exec, (number, layer)| {
        let exec = mounted(exec, &added_in(number), &layer.added);
        match &layer.whole {
            Some(whole) => mounted(exec, &whole_after(number), whole),
            None => exec,
        }
    });
    let exec = exec
        .network(Network::None)
        .called("[internal] look at the layers");
    State::scratch().platform(native).run(exec).root()
}

/// Compares the files of two states, with their exact modes or as git knows them. The result has one file,
/// [`compare::LISTING`].
pub fn compare_files(
    both: [&State; 2],
    exact: bool,
    runner: &Runner,
    native: &Platform,
    support: &Support,
) -> State {
    let exec = Exec::command(RUNNER, compare::arguments(exact)).mount(runner.mount());
    let places = [BEFORE, AFTER].into_iter().zip(both);
    let exec = places.fold(exec, |exec, (path, files)| {
        exec.mount(unhashed(path, files, support))
    });
    let exec = exec
        .network(Network::None)
        .called("[internal] compare the build contexts");
    State::scratch().platform(native).run(exec).root()
}
