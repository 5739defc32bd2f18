//! Operations on a cache directory that is mounted into our program's sandbox: saving it as an archive, checking whether it is
//! new, and filling a new one from an archive.
//!
//! A saved cache is a plain tar archive, so that people can inspect it, in an order that depends only on its files.

mod archive;
#[cfg(test)]
mod archive_tests;
mod directory;
mod fill;
mod limits;
mod newness;
mod outcome;
mod pack;
mod parts;
mod staging;
mod unpack;

pub use limits::Limits;
pub use outcome::{Outcome, Saved};

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::say;
use limits::Selection;

/// The path at which the cache is mounted.
pub const CACHE: &str = "/cache";
/// The path at which the cache's seed is mounted, if there is one.
pub const SEED: &str = "/seed";
/// The path at which the archives are mounted from which caches are filled.
pub const ARCHIVES: &str = "/archives";
/// The path for results: an archive, or an outcome.
pub const OUT: &str = "/out";
/// The maximum number of archives in which a cache is saved.
pub const MAX_PARTS: usize = 16;
/// The path for messages to the frontend about saving.
pub const TOLD: &str = "/told";
/// Returns the path for one of several archives: a directory for each.
pub fn out(part: usize) -> String {
    match part {
        0 => OUT.to_owned(),
        part => format!("{OUT}{part}"),
    }
}

/// The suffix of archives' names.
pub const ARCHIVE_SUFFIX: &str = ".tar";
/// The argument before a cache's name if it has a seed.
const SEEDED: &str = "seeded";

/// The task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Write an archive of the cache, unless it is new.
    Save,
    /// Determine whether the cache is new.
    Look,
    /// Fill the cache from an archive, if it is new.
    Fill,
}

impl Task {
    const ALL: [Self; 3] = [Self::Save, Self::Look, Self::Fill];

    /// The subcommand, which isn't meant for users.
    fn verb(self) -> &'static str {
        match self {
            Self::Save => "save-cache",
            Self::Look => "look-at-cache",
            Self::Fill => "fill-cache",
        }
    }

    /// Returns the arguments for our program for a cache: `name` is that of its archive, without the suffix. The limits apply to
    /// what is saved.
    pub fn arguments(self, name: &str, seeded: bool, limits: &Limits) -> Vec<String> {
        let words = [Some(self.verb()), seeded.then_some(SEEDED), Some(name)];
        let words = words.into_iter().flatten().map(str::to_owned);
        words.chain(limits.words()).collect()
    }
}

/// The paths of everything.
struct Paths {
    cache: PathBuf,
    seed: Option<PathBuf>,
    archives: PathBuf,
    out: PathBuf,
    told: PathBuf,
}

/// Runs the task in this process's arguments; `None` if they are for another module. Returns the exit code.
pub(super) fn main(arguments: &[OsString]) -> Option<u8> {
    let words: Option<Vec<&str>> = arguments.iter().map(|word| word.to_str()).collect();
    let words = words?;
    let (verb, rest) = words.split_first()?;
    let task = Task::ALL.into_iter().find(|task| task.verb() == *verb)?;
    let (seed, rest) = match rest.split_first() {
        Some((mark, rest)) if *mark == SEEDED => (Some(PathBuf::from(SEED)), rest),
        _ => (None, rest),
    };
    let named = rest.split_first();
    let Some((name, limits)) = named.and_then(|(name, rest)| Some((name, Limits::parse(rest)?)))
    else {
        say(&format!("the arguments of {verb} can't be read"));
        return Some(2);
    };
    let paths = Paths {
        cache: PathBuf::from(CACHE),
        seed,
        archives: PathBuf::from(ARCHIVES),
        out: PathBuf::from(OUT),
        told: PathBuf::from(TOLD),
    };
    match paths.run(task, name, &limits) {
        Ok(()) => Some(0),
        Err(error) => {
            say(&error.to_string());
            Some(1)
        }
    }
}

impl Paths {
    fn run(&self, task: Task, name: &str, limits: &Limits) -> io::Result<()> {
        let archive = |directory: &Path| directory.join(format!("{name}{ARCHIVE_SUFFIX}"));
        let seed = self.seed.as_deref();
        let outcome = match task {
            Task::Save => {
                let saved = self.save(name, limits)?;
                return fs::write(self.told.join(name), saved.to_string());
            }
            Task::Look if newness::is_new(&self.cache, seed)? => Outcome::New,
            Task::Look => Outcome::Kept,
            // The frontend reports a failure, in more detail than an exit code.
            Task::Fill => fill::fill(&self.cache, seed, &archive(&self.archives)),
        };
        fs::write(self.out.join(name), outcome.to_string())
    }

    fn save(&self, name: &str, limits: &Limits) -> io::Result<Saved> {
        let nothing = |outcome| Saved {
            outcome,
            parts: Vec::new(),
        };
        if newness::is_new(&self.cache, self.seed.as_deref())? {
            return Ok(nothing(Outcome::New));
        }
        let (after, outcome) = match Selection::new(&self.cache, limits)? {
            Selection::All => (None, Outcome::Kept),
            Selection::After(time, files, bytes) => (Some(time), Outcome::Reduced { files, bytes }),
            Selection::Nothing(reason) => return Ok(nothing(Outcome::LeftOut(reason))),
        };
        let archive = |part: usize| {
            let mut directory = self.out.clone().into_os_string();
            if part > 0 {
                directory.push(part.to_string());
            }
            let first = PathBuf::from(directory).join(format!("{name}{ARCHIVE_SUFFIX}"));
            parts::beside(&first, part)
        };
        let parts = limits.parts.clamp(1, MAX_PARTS);
        let (packed, parts) = pack::pack(&self.cache, parts, archive, after)?;
        say(&packed.to_string());
        Ok(Saved { outcome, parts })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn paths(root: &Path) -> Paths {
        let make = |name: &str| {
            let path = root.join(name);
            fs::create_dir_all(&path).unwrap();
            path
        };
        Paths {
            cache: make("cache"),
            seed: None,
            archives: make("out"),
            out: make("out"),
            told: make("told"),
        }
    }

    #[test]
    fn what_was_saved_fills_a_new_cache() {
        let root = tempfile::tempdir().unwrap();
        let mut paths = paths(root.path());
        paths.run(Task::Save, "go", &Limits::default()).unwrap();
        assert_eq!(fs::read_dir(&paths.out).unwrap().count(), 0);

        fs::write(paths.cache.join("file"), "content").unwrap();
        paths.run(Task::Save, "go", &Limits::default()).unwrap();
        assert!(paths.out.join("go.tar").exists());
        let outcome = |paths: &Paths| fs::read_to_string(paths.out.join("go")).unwrap();
        paths.run(Task::Look, "go", &Limits::default()).unwrap();
        assert_eq!(Outcome::parse(&outcome(&paths)), Some(Outcome::Kept));

        paths.cache = root.path().join("other");
        fs::create_dir(&paths.cache).unwrap();
        paths.run(Task::Look, "go", &Limits::default()).unwrap();
        assert_eq!(Outcome::parse(&outcome(&paths)), Some(Outcome::New));
        paths.run(Task::Fill, "go", &Limits::default()).unwrap();
        assert_eq!(
            Outcome::parse(&outcome(&paths)),
            Some(Outcome::Filled { entries: 1 })
        );
        assert_eq!(fs::read(paths.cache.join("file")).unwrap(), b"content");
    }

    #[test]
    fn what_limits_leave_out_is_told() {
        let root = tempfile::tempdir().unwrap();
        let paths = paths(root.path());
        let made = |name: &str, seconds| {
            let path = paths.cache.join(name);
            fs::write(&path, "four").unwrap();
            let file = fs::File::options().append(true).open(path).unwrap();
            let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            file.set_modified(time).unwrap();
        };
        made("old", 1);
        made("new", 2);
        let limits = |max_size, is_divisible| Limits {
            max_size: Some(max_size),
            is_divisible,
            ..Limits::default()
        };
        let told = |limits: Limits| {
            paths.run(Task::Save, "go", &limits).unwrap();
            let told = fs::read_to_string(paths.told.join("go")).unwrap();
            Saved::parse(&told).unwrap().outcome
        };
        assert_eq!(told(limits(8, true)), Outcome::Kept);
        let archive = paths.out.join("go.tar");
        let whole = fs::metadata(&archive).unwrap().len();
        assert_eq!(
            told(limits(7, true)),
            Outcome::Reduced { files: 1, bytes: 4 }
        );
        assert!(fs::metadata(&archive).unwrap().len() < whole);
        fs::remove_file(&archive).unwrap();
        let outcome = told(limits(7, false));
        assert_eq!(
            outcome,
            Outcome::LeftOut("its files have 8 bytes".to_owned())
        );
        assert!(!archive.exists());
    }

    #[test]
    fn arguments_are_those_of_a_task() {
        let none = main(&["run-step".into(), "--".into(), "true".into()]);
        assert_eq!(none, None);
        assert_eq!(main(&["fill-cache".into()]), Some(2));
        assert_eq!(
            main(&["save-cache".into(), "go".into(), "else".into()]),
            Some(2)
        );
        let limits = Limits::default();
        let look = Task::Look.arguments("go", false, &limits);
        assert_eq!(look, ["look-at-cache", "go"]);
        let fill = Task::Fill.arguments("go", true, &limits);
        assert_eq!(fill, ["fill-cache", "seeded", "go"]);
        let limits = Limits {
            max_size: Some(9),
            ..limits
        };
        let save = Task::Save.arguments("go", true, &limits);
        assert_eq!(save, ["save-cache", "seeded", "go", "max-size=9"]);
    }
}
