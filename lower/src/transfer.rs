//! Processes of our own program that look into caches, save them and fill them.
//!
//! Each has one cache alone: with several, two builds could wait for each other's. They mount it as steps do, since what is mounted
//! otherwise is another cache, and run natively, whatever platform the files in it are for.

use buildkit_llb::{
    Capability, Copy, Exec, FileAction, Merge, Mount, Network, Run, State, Support,
};
use stagefile_runner::cache::{ARCHIVES, CACHE, Limits, OUT, SEED, TOLD, Task, out};

use super::cache_list::CacheDirectory;
use super::files::chain;
use super::progress::Called as _;
use super::runner::Runner;

/// The variable that nobody reads.
const NONCE: &str = "STAGEFILE_NONCE";

/// What the progress calls the joining of results.
const COLLECT: &str = "[internal] collect results of caches";

/// How caches get into files, and out of them.
#[derive(Debug)]
pub struct Transfer<'a> {
    /// Our program.
    pub runner: &'a Runner,
    /// What the daemon can do.
    pub support: &'a Support,
    /// What no other build has: caches change without anything changing that the daemon looks at. To ignore what was there before, as
    /// in `always`, would empty the caches.
    pub nonce: &'a str,
}

impl Transfer<'_> {
    /// Saves a cache: makes a directory for each of the archives that there may be, and one with a file that says which are there and
    /// what the limits left out.
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

    /// Makes a directory with a file that says whether the cache is new.
    pub fn look(&self, cache: &CacheDirectory) -> State {
        let limits = Limits::default();
        let run = self.process(Task::Look, cache, "look at", &limits, |exec| exec);
        output(&run, OUT)
    }

    /// Makes a directory with a file that says what came of filling the cache.
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

    /// Joins directories into one, without a copy where the daemon can do that.
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

/// Returns a directory that a process writes to.
fn output(run: &Run, target: &str) -> State {
    // It is mounted, so it is there.
    run.output(target).unwrap_or_else(|_| State::scratch())
}
