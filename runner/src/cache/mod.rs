//! What our program does with a cache directory that is mounted into its sandbox: saves it as an archive, tells whether it is new,
//! fills a new one from an archive.
//!
//! A saved cache is a plain tar archive, so that people can look into it, in an order that only its files decide.

mod archive;
#[cfg(test)]
mod archives;
mod directory;
mod fill;
mod newness;
mod outcome;
mod pack;
mod staging;
mod unpack;

pub use outcome::Outcome;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::say;

/// Where the cache is mounted.
pub const CACHE: &str = "/cache";
/// Where that is mounted which the cache began as, if that was something.
pub const SEED: &str = "/seed";
/// Where the archives are mounted that caches are filled from.
pub const ARCHIVES: &str = "/archives";
/// Where results go: an archive, or what was found out.
pub const OUT: &str = "/out";
/// What the name of an archive ends with.
pub const ARCHIVE_SUFFIX: &str = ".tar";
/// What stands before a cache's name where it has a seed.
const SEEDED: &str = "seeded";

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Write an archive of the cache, unless it is new.
    Save,
    /// Find out whether the cache is new.
    Look,
    /// Fill the cache from an archive, if it is new.
    Fill,
}

impl Task {
    const ALL: [Self; 3] = [Self::Save, Self::Look, Self::Fill];

    /// The verb on the command line; people have no use for it.
    fn verb(self) -> &'static str {
        match self {
            Self::Save => "save-cache",
            Self::Look => "look-at-cache",
            Self::Fill => "fill-cache",
        }
    }

    /// Returns what our program has to be called with for a cache: `name` is the one of its archive, without the suffix.
    pub fn arguments(self, name: &str, seeded: bool) -> Vec<String> {
        let words = [Some(self.verb()), seeded.then_some(SEEDED), Some(name)];
        words.into_iter().flatten().map(str::to_owned).collect()
    }
}

/// Where everything is.
struct Places {
    cache: PathBuf,
    seed: Option<PathBuf>,
    archives: PathBuf,
    out: PathBuf,
}

/// Does what the arguments of this process ask for; `None` if that is nothing of this module. Returns the exit code.
pub(super) fn main(arguments: &[OsString]) -> Option<u8> {
    let words: Option<Vec<&str>> = arguments.iter().map(|word| word.to_str()).collect();
    let words = words?;
    let (verb, rest) = words.split_first()?;
    let task = Task::ALL.into_iter().find(|task| task.verb() == *verb)?;
    let (seed, name) = match rest {
        [name] => (None, name),
        [mark, name] if *mark == SEEDED => (Some(PathBuf::from(SEED)), name),
        _ => {
            say(&format!("the arguments of {verb} can't be read"));
            return Some(2);
        }
    };
    let places = Places {
        cache: PathBuf::from(CACHE),
        seed,
        archives: PathBuf::from(ARCHIVES),
        out: PathBuf::from(OUT),
    };
    match places.run(task, name) {
        Ok(()) => Some(0),
        Err(error) => {
            say(&error.to_string());
            Some(1)
        }
    }
}

impl Places {
    fn run(&self, task: Task, name: &str) -> io::Result<()> {
        let archive = |directory: &Path| directory.join(format!("{name}{ARCHIVE_SUFFIX}"));
        let seed = self.seed.as_deref();
        let outcome = match task {
            Task::Save => {
                if !newness::is_new(&self.cache, seed)? {
                    let packed = pack::pack(&self.cache, &archive(&self.out))?;
                    say(&packed.to_string());
                }
                return Ok(());
            }
            Task::Look if newness::is_new(&self.cache, seed)? => Outcome::New,
            Task::Look => Outcome::Kept,
            // A failure is told by the frontend, with more words than an exit code has.
            Task::Fill => fill::fill(&self.cache, seed, &archive(&self.archives)),
        };
        fs::write(self.out.join(name), outcome.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn places(root: &Path) -> Places {
        let make = |name: &str| {
            let path = root.join(name);
            fs::create_dir_all(&path).unwrap();
            path
        };
        Places {
            cache: make("cache"),
            seed: None,
            archives: make("out"),
            out: make("out"),
        }
    }

    #[test]
    fn what_was_saved_fills_a_new_cache() {
        let root = tempfile::tempdir().unwrap();
        let mut places = places(root.path());
        places.run(Task::Save, "go").unwrap();
        assert_eq!(fs::read_dir(&places.out).unwrap().count(), 0);

        fs::write(places.cache.join("file"), "content").unwrap();
        places.run(Task::Save, "go").unwrap();
        assert!(places.out.join("go.tar").exists());
        let outcome = |places: &Places| fs::read_to_string(places.out.join("go")).unwrap();
        places.run(Task::Look, "go").unwrap();
        assert_eq!(Outcome::parse(&outcome(&places)), Some(Outcome::Kept));

        places.cache = root.path().join("other");
        fs::create_dir(&places.cache).unwrap();
        places.run(Task::Look, "go").unwrap();
        assert_eq!(Outcome::parse(&outcome(&places)), Some(Outcome::New));
        places.run(Task::Fill, "go").unwrap();
        assert_eq!(
            Outcome::parse(&outcome(&places)),
            Some(Outcome::Filled { entries: 1 })
        );
        assert_eq!(fs::read(places.cache.join("file")).unwrap(), b"content");
    }

    #[test]
    fn arguments_are_those_of_a_task() {
        let none = main(&["run-step".into(), "--".into(), "true".into()]);
        assert_eq!(none, None);
        assert_eq!(main(&["fill-cache".into()]), Some(2));
        assert_eq!(Task::Look.arguments("go", false), ["look-at-cache", "go"]);
        assert_eq!(
            Task::Fill.arguments("go", true),
            ["fill-cache", "seeded", "go"]
        );
    }
}
