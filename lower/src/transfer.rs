//! Processes of our own program that inspect, save and fill caches.
//!
//! Each has only one cache: with several, two builds could wait for each other. They mount it like steps do, since any difference
//! would select another cache, and run natively, whatever platform the files in it are for.

use buildkit_llb::{
    Capability, Copy, Exec, FileAction, Merge, Mount, Network, Run, State, Support,
};
use stagefile_runner::cache::{ARCHIVES, CACHE, Limits, OUT, SEED, TOLD, Task, out};

use super::cache_list::CacheDirectory;
use super::files::chain;
use super::progress::Called as _;
use super::runner::Runner;

/// A variable that nothing reads.
const NONCE: &str = "STAGEFILE_NONCE";

/// The name of the collection of results in progress output.
const COLLECT: &str = "[internal] collect results of caches";

/// The parameters for saving caches to files and filling them.
#[derive(Debug)]
pub struct Transfer<'a> {
    /// Our program.
    pub runner: &'a Runner,
    /// The daemon's capabilities.
    pub support: &'a Support,
    /// A unique value for this build, since caches change without any change that the daemon sees. Ignoring the build cache, as
    /// for `always`, would empty the caches.
    pub nonce: &'a str,
}

impl Transfer<'_> {
    /// Saves a cache. Returns a directory for each of the possible archives, and one with a file that says which exist and what
    /// the limits excluded.
    pub fn save(&self, cache: &CacheDirectory, limits: &Limits) -> (Vec<State>, State) {
        let limits = Limits {
            is_divisible: cache.is_divisible && !limits.is_empty(),
            ..*limits
        };
        let parts = 0..limits.parts.max(1);
        let outputs = |exec: Exec| {
            let archives = parts.clone().skip(1).map(|part| Mount::scratch(out(part)));
            let exec = exec.mount(Mount::scratch(TOLD));
            archives.fold(exec, Exec::mount)
        };
        let run = self.process(Task::Save, cache, "save", &limits, outputs);
        let archives = parts.map(|part| output(&run, &out(part))).collect();
        (archives, output(&run, TOLD))
    }

    /// Returns a directory with a file that says whether the cache is new.
    pub fn look(&self, cache: &CacheDirectory) -> State {
        let limits = Limits::default();
        let run = self.process(Task::Look, cache, "look at", &limits, |exec| exec);
        output(&run, OUT)
    }

    /// Returns a directory with a file that describes the result of filling the cache.
    pub fn fill(&self, cache: &CacheDirectory, archives: &State) -> State {
        let limits = Limits::default();
        let archives = |exec: Exec| exec.mount(Mount::bind(ARCHIVES, archives).readonly());
        let run = self.process(Task::Fill, cache, "import", &limits, archives);
        output(&run, OUT)
    }

    fn process(
        &self,
        task: Task,
        cache: &CacheDirectory,
        verb: &str,
        limits: &Limits,
        more: impl FnOnce(Exec) -> Exec,
    ) -> Run {
        let seed = cache.mount_seed(SEED);
        let arguments = task.arguments(&cache.file, seed.is_some(), limits);
        let exec = Exec::command(self.runner.path.clone(), arguments)
            .env(NONCE, self.nonce)
            .dir("/")
            .network(Network::None)
            .mount(cache.mount(CACHE))
            .mount(Mount::scratch(OUT));
        let exec = more(seed.into_iter().fold(exec, Exec::mount))
            .called(format!("[caches] {verb} {}", cache.name));
        self.runner.state.run(exec)
    }

    /// Joins directories into one, without copying if the daemon supports that.
    pub fn join(&self, directories: &[State]) -> State {
        if self.support.supports(Capability::MergeOp).is_ok() {
            return Merge::new(directories).called(COLLECT).into_state();
        }
        let copies = directories
            .iter()
            .map(|directory| FileAction::from(Copy::new(directory, "/", "/").contents()));
        match chain(copies) {
            Some(copies) => State::scratch().file(copies.called(COLLECT)),
            None => State::scratch(),
        }
    }
}

/// Returns a directory that a process writes.
fn output(run: &Run, target: &str) -> State {
    // It is mounted, so it exists.
    run.output(target).unwrap_or_else(|_| State::scratch())
}
