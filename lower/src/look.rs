//! Steps that only inspect files, with our own program on the daemon's native platform: no program in these files runs.

use buildkit_llb::{
    BindMount, Capability, ContentCache, Exec, Mount, Network, Platform, State, Support,
};
use stagefile_runner::reserved::{AFTER, BEFORE, RUNNER, added_in, whole_after};
use stagefile_runner::{compare, layers};

use super::Runner;
use super::progress::Called as _;

/// Mounts files without having the daemon read all of them, as it does for the cache key of a read-only mount: an image
/// may have many gigabytes, and a check is about a few files.
pub(super) fn unhashed(path: &str, files: &State, support: &Support) -> BindMount {
    let mount = Mount::bind(path, files);
    if support.supports(Capability::ExecMountContentCache).is_ok() {
        mount.readonly().content_cache(ContentCache::Off)
    } else {
        // Daemons without this choice don't read mounts that the process can change and that have an output.
        mount
    }
}

/// A layer of an image.
#[derive(Clone, Debug)]
pub struct LayerFiles {
    /// The files that it adds.
    pub added: State,
    /// All files after this layer, if it may remove some.
    pub whole: Option<State>,
}

/// Inspects the layers of an image, from the bottom. The result contains a single file, [`layers::LISTING`].
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

/// Compares the files of two states, with their exact modes or as Git tracks them. The result contains a single file,
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
