//! Filling a new cache from an archive: completely or not at all, and only once, even if others try at the same time.
//!
//! The archive is read into a directory next to the cache's own files, which are only moved into place when it is complete. The
//! cache is mounted like in steps, so steps of other builds may start using it in the meantime: then their content is kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

use super::directory::{Attributes, Directory, Inside};
use super::newness::{is_new, names};
use super::outcome::Outcome;
use super::parts::beside;
use super::say;
use super::staging::{STAGING, WHOLE, is_unfinished};
use super::unpack::unpack;

/// The process that holds the lock on this file fills the cache.
const LOCK: &str = "lock";
/// The directory for what is being read.
const PART: &str = "part";
/// The number of bytes of an archive that are read at once.
const BUFFER: usize = 256 << 10;

/// Fills a cache from an archive, if the cache is new and there is an archive.
pub(super) fn fill(cache: &Path, seed: Option<&Path>, archive: &Path) -> Outcome {
    match try_to_fill(cache, seed, archive) {
        Ok(outcome) => outcome,
        Err(error) => broken(&error),
    }
}

fn broken(reason: &impl ToString) -> Outcome {
    // A single line.
    Outcome::Broken(reason.to_string().replace('\n', " "))
}

fn try_to_fill(cache: &Path, seed: Option<&Path>, archive: &Path) -> io::Result<Outcome> {
    let Some((archive, file)) = open(archive)? else {
        return Ok(Outcome::Absent);
    };
    if !is_new(cache, seed)? {
        return Ok(Outcome::Kept);
    }
    let staging = Staging::lock(cache)?;
    let filled = staging.fill(cache, seed, &archive, file);
    let cleared = staging.clear();
    let filled = filled?;
    cleared?;
    Ok(filled)
}

/// Opens an archive: at its path, or in a directory next to it for archives of several platforms. If there are several, the
/// newest is used.
fn open(archive: &Path) -> io::Result<Option<(PathBuf, File)>> {
    let (Some(parent), Some(name)) = (archive.parent(), archive.file_name()) else {
        return Ok(None);
    };
    let inside = match names(parent) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        inside => inside?,
    };
    let inside = inside
        .into_iter()
        .map(|inner| parent.join(inner).join(name));
    let mut newest: Option<(SystemTime, PathBuf, File)> = None;
    for path in std::iter::once(archive.to_owned()).chain(inside) {
        let file = match File::open(&path) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                continue;
            }
            file => file?,
        };
        let metadata = file.metadata()?;
        let time = metadata.modified()?;
        if metadata.is_file() && newest.as_ref().is_none_or(|(other, ..)| time > *other) {
            newest = Some((time, path, file));
        }
    }
    Ok(newest.map(|(_, path, file)| (path, file)))
}

/// The exclusively used directory for content that isn't part of the cache yet.
struct Staging {
    path: PathBuf,
    /// Locked until it is closed.
    _lock: File,
}

impl Staging {
    /// Waits until no other process fills this cache.
    fn lock(cache: &Path) -> io::Result<Self> {
        let path = cache.join(STAGING);
        let lock = path.join(LOCK);
        loop {
            match fs::create_dir(&path) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            let mut options = OpenOptions::new();
            let file = match options.write(true).create(true).mode(0o600).open(&lock) {
                // Another process has just finished.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                file => file?,
            };
            flock(&file, FlockOperation::LockExclusive)?;
            let ours = file.metadata()?;
            let is_ours =
                |there: fs::Metadata| (there.dev(), there.ino()) == (ours.dev(), ours.ino());
            // The process that finishes removes the locked file.
            if fs::symlink_metadata(&lock).is_ok_and(is_ours) {
                return Ok(Self { path, _lock: file });
            }
        }
    }

    fn fill(
        &self,
        cache: &Path,
        seed: Option<&Path>,
        archive: &Path,
        file: File,
    ) -> io::Result<Outcome> {
        let (part, whole) = (self.path.join(PART), self.path.join(WHOLE));
        if is_unfinished(cache) {
            let entries = names(&whole)?.len() as u64;
            install(&whole, cache)?;
            return Ok(Outcome::Filled { entries });
        }
        if !is_new(cache, seed)? {
            return Ok(Outcome::Kept);
        }
        remove(&part)?;
        fs::create_dir(&part)?;
        copy_attributes(cache, &part)?;
        let read = |file| BufReader::with_capacity(BUFFER, file);
        let other = |part| Ok(read(File::open(beside(archive, part))?));
        let entries = match unpack(read(file), &part, other) {
            Ok(entries) => entries,
            Err(error) => return Ok(broken(&error)),
        };
        if !is_new(cache, seed)? {
            say("the cache is in use by now and stays as it is");
            return Ok(Outcome::Kept);
        }
        // The initial content is part of what was saved.
        for name in names(cache)?.iter().filter(|name| *name != STAGING) {
            remove(&cache.join(name))?;
        }
        fs::rename(&part, &whole)?;
        install(&whole, cache)?;
        Ok(Outcome::Filled { entries })
    }

    /// Removes everything, the lock file last: then the next process can use the directory.
    fn clear(&self) -> io::Result<()> {
        for name in [PART, WHOLE, LOCK] {
            remove(&self.path.join(name))?;
        }
        match fs::remove_dir(&self.path) {
            Err(error)
                if !matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Err(error)
            }
            _ => Ok(()),
        }
    }
}

/// Moves what was read into place. Files that a step has created in the meantime are kept.
fn install(whole: &Path, cache: &Path) -> io::Result<()> {
    for name in names(whole)?.iter().filter(|name| *name != STAGING) {
        let (from, to) = (whole.join(name), cache.join(name));
        match renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE) {
            Ok(()) | Err(Errno::EXIST) => {}
            // The file system doesn't support doing it atomically.
            Err(Errno::INVAL | Errno::NOSYS) => {
                if fs::symlink_metadata(&to).is_err() {
                    fs::rename(from, to)?;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    copy_attributes(whole, cache)
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Copies the owner, mode and time of a directory to another.
fn copy_attributes(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = fs::metadata(from)?;
    let attributes = Attributes::from_metadata(&metadata);
    let root = Inside::root();
    Directory::open(to)?.finish(&root, attributes)
}

#[cfg(test)]
mod tests {
    use super::super::pack::pack;
    use super::*;

    struct Case {
        root: tempfile::TempDir,
        cache: PathBuf,
        archive: PathBuf,
    }

    /// Creates a new cache, and an archive with a file and a directory.
    fn case() -> Case {
        let root = tempfile::tempdir().unwrap();
        let [saved, cache, archive] =
            ["saved", "cache", "archive.tar"].map(|name| root.path().join(name));
        fs::create_dir_all(saved.join("directory")).unwrap();
        fs::write(saved.join("directory/file"), "saved").unwrap();
        fs::write(saved.join("file"), "saved").unwrap();
        pack(&saved, 1, |_| archive.clone(), None).unwrap();
        fs::create_dir(&cache).unwrap();
        Case {
            root,
            cache,
            archive,
        }
    }

    #[test]
    fn a_cache_that_is_used_stays_as_it_is() {
        let case = case();
        fs::write(case.cache.join("file"), "own").unwrap();
        assert_eq!(fill(&case.cache, None, &case.archive), Outcome::Kept);
        assert_eq!(names(&case.cache).unwrap(), ["file"]);
        assert_eq!(fs::read(case.cache.join("file")).unwrap(), b"own");
    }

    #[test]
    fn a_missing_archive_changes_nothing() {
        let case = case();
        let none = case.root.path().join("none.tar");
        assert_eq!(fill(&case.cache, None, &none), Outcome::Absent);
        assert_eq!(fill(&case.cache, None, &case.cache), Outcome::Absent);
        assert!(names(&case.cache).unwrap().is_empty());
    }

    #[test]
    fn the_archive_may_be_in_the_directory_of_a_platform() {
        let case = case();
        let inner = case.root.path().join("linux_amd64");
        fs::create_dir(&inner).unwrap();
        fs::rename(&case.archive, inner.join("archive.tar")).unwrap();
        let filled = Outcome::Filled { entries: 3 };
        assert_eq!(fill(&case.cache, None, &case.archive), filled);

        // An archive that was saved before is older.
        fs::remove_dir_all(&case.cache).unwrap();
        fs::create_dir(&case.cache).unwrap();
        fs::write(&case.archive, "no archive").unwrap();
        let old = File::options().append(true).open(&case.archive).unwrap();
        old.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(fill(&case.cache, None, &case.archive), filled);
    }

    #[test]
    fn a_broken_archive_leaves_the_cache_new() {
        let case = case();
        let whole = fs::read(&case.archive).unwrap();
        for length in (0..whole.len()).step_by(100) {
            fs::write(&case.archive, &whole[..length]).unwrap();
            let outcome = fill(&case.cache, None, &case.archive);
            // The second of two empty blocks carries no information.
            if length + 512 < whole.len() {
                assert!(matches!(outcome, Outcome::Broken(_)), "{length}");
                assert!(names(&case.cache).unwrap().is_empty(), "{length}");
            }
        }
    }

    #[test]
    fn what_a_cache_began_as_gives_way() {
        let case = case();
        let seed = case.root.path().join("seed");
        fs::create_dir(&seed).unwrap();
        for root in [&seed, &case.cache] {
            fs::write(root.join("begun"), "x").unwrap();
            let file = OpenOptions::new().append(true).open(root.join("begun"));
            file.unwrap()
                .set_modified(std::time::SystemTime::UNIX_EPOCH)
                .unwrap();
        }
        let outcome = fill(&case.cache, Some(&seed), &case.archive);
        assert_eq!(outcome, Outcome::Filled { entries: 3 });
        assert_eq!(names(&case.cache).unwrap(), ["directory", "file"]);
    }

    #[test]
    fn an_interrupted_import_begins_anew_or_is_finished() {
        let case = case();
        let staging = case.cache.join(STAGING);
        fs::create_dir_all(staging.join(PART).join("directory")).unwrap();
        fs::write(staging.join(PART).join("file"), "sav").unwrap();
        let outcome = fill(&case.cache, None, &case.archive);
        assert_eq!(outcome, Outcome::Filled { entries: 3 });
        assert_eq!(fs::read(case.cache.join("file")).unwrap(), b"saved");

        // The last step was done partially.
        fs::create_dir_all(staging.join(WHOLE)).unwrap();
        fs::rename(case.cache.join("file"), staging.join(WHOLE).join("file")).unwrap();
        assert!(is_new(&case.cache, None).unwrap());
        let outcome = fill(&case.cache, None, &case.archive);
        assert_eq!(outcome, Outcome::Filled { entries: 1 });
        assert_eq!(names(&case.cache).unwrap(), ["directory", "file"]);
    }

    #[test]
    fn of_many_at_once_one_fills() {
        let case = case();
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let fill = || fill(&case.cache, None, &case.archive);
            let threads: Vec<_> = (0..32).map(|_| scope.spawn(fill)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let filled = Outcome::Filled { entries: 3 };
        let count = |one: &Outcome| outcomes.iter().filter(|outcome| *outcome == one).count();
        assert_eq!((count(&filled), count(&Outcome::Kept)), (1, 31));
        assert_eq!(names(&case.cache).unwrap(), ["directory", "file"]);
    }
}
