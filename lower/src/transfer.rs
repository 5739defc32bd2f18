//! Processes of our own program that look into caches, save them and fill them.
//!
//! Each has one cache alone: with several, two builds could wait for each other's. They mount it as steps do, since what is mounted
//! otherwise is another cache, and run natively, whatever platform the files in it are for.

use buildkit_llb::{Capability, Copy, Exec, FileAction, Merge, Mount, Network, State, Support};
use stagefile_runner::cache::{ARCHIVES, CACHE, OUT, SEED, Task};

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
    /// Makes a directory with an archive of the cache, or without if it is new.
    pub fn save(&self, cache: &CacheDirectory) -> State {
        self.process(Task::Save, cache, "save", |exec| exec)
    }

    /// Makes a directory with a file that says whether the cache is new.
    pub fn look(&self, cache: &CacheDirectory) -> State {
        self.process(Task::Look, cache, "look at", |exec| exec)
    }

    /// Makes a directory with a file that says what came of filling the cache.
    pub fn fill(&self, cache: &CacheDirectory, archives: &State) -> State {
        self.process(Task::Fill, cache, "import", |exec| {
            exec.mount(Mount::bind(ARCHIVES, archives).readonly())
        })
    }

    fn process(
        &self,
        task: Task,
        cache: &CacheDirectory,
        verb: &str,
        more: impl FnOnce(Exec) -> Exec,
    ) -> State {
        let seed = cache.mount_seed(SEED);
        let arguments = task.arguments(&cache.file, seed.is_some());
        let exec = Exec::command(self.runner.path.clone(), arguments)
            .env(NONCE, self.nonce)
            .dir("/")
            .network(Network::None)
            .mount(cache.mount(CACHE))
            .mount(Mount::scratch(OUT));
        let exec = more(seed.into_iter().fold(exec, Exec::mount))
            .called(format!("[caches] {verb} {}", cache.name));
        let run = self.runner.state.run(exec);
        // It is mounted, so it is there.
        run.output(OUT).unwrap_or_else(|_| State::scratch())
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
