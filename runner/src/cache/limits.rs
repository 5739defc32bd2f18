//! Limits on the files of a cache that are saved: by age, and by size.
//!
//! If the files of a cache are independent, the oldest are left out. Any other cache would be
//! useless without some of its files, or be mistaken for complete, so it is saved completely or not
//! at all.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::newness::names;
use super::staging::STAGING;

const AGE: &str = "max-age=";
const SIZE: &str = "max-size=";
const DIVISIBLE: &str = "divisible";
const PARTS: &str = "parts=";

/// Limits on what is saved of a cache, and on the number of archives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The number of seconds after being written for which a file is saved.
    pub max_age: Option<u64>,
    /// The maximum size of all files, in bytes.
    pub max_size: Option<u64>,
    /// Whether some of the files are useful without the others.
    pub is_divisible: bool,
    /// The maximum number of archives; 0 means a single one.
    pub parts: usize,
}

impl Limits {
    /// Reports whether there are no limits.
    pub fn is_empty(&self) -> bool {
        self.max_age.is_none() && self.max_size.is_none()
    }

    /// Returns the arguments that [`Self::parse`] parses.
    pub(super) fn words(&self) -> impl Iterator<Item = String> {
        let age = self.max_age.map(|age| format!("{AGE}{age}"));
        let size = self.max_size.map(|size| format!("{SIZE}{size}"));
        let divisible = self.is_divisible.then(|| DIVISIBLE.to_owned());
        let parts = (self.parts > 1).then(|| format!("{PARTS}{}", self.parts));
        [age, size, divisible, parts].into_iter().flatten()
    }

    pub(super) fn parse(words: &[&str]) -> Option<Self> {
        let mut limits = Self::default();
        for word in words {
            if let Some(age) = word.strip_prefix(AGE) {
                limits.max_age = Some(age.parse().ok()?);
            } else if let Some(size) = word.strip_prefix(SIZE) {
                limits.max_size = Some(size.parse().ok()?);
            } else if let Some(parts) = word.strip_prefix(PARTS) {
                limits.parts = parts.parse().ok()?;
            } else if *word == DIVISIBLE {
                limits.is_divisible = true;
            } else {
                return None;
            }
        }
        Some(limits)
    }
}

/// The time at which a file was written: seconds and nanoseconds.
pub(super) type Time = (i64, i64);

pub(super) fn time(metadata: &Metadata) -> Time {
    (metadata.mtime(), metadata.mtime_nsec())
}

/// The files of a cache that are saved.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Selection {
    All,
    /// Files written after this time. The number of files left out, and their size in bytes,
    /// follow.
    After(Time, u64, u64),
    /// Nothing, for this reason.
    Nothing(String),
}

impl Selection {
    /// Selects files of a cache.
    pub(super) fn new(cache: &Path, limits: &Limits) -> io::Result<Self> {
        if limits.is_empty() {
            return Ok(Self::All);
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs().cast_signed());
        Ok(Self::among(files(cache)?, limits, now))
    }

    fn among(mut files: Vec<(Time, u64)>, limits: &Limits, now: i64) -> Self {
        files.sort_unstable_by(|one, other| other.cmp(one));
        let oldest = limits.max_age.map_or(i64::MIN, |age| {
            now.saturating_sub(i64::try_from(age).unwrap_or(i64::MAX))
        });
        let most = limits.max_size.unwrap_or(u64::MAX);
        let all: u64 = files.iter().map(|(_, size)| size).sum();
        if !limits.is_divisible {
            let is_old = files
                .first()
                .is_some_and(|((seconds, _), _)| *seconds < oldest);
            return match (is_old, all > most) {
                (true, _) => Self::Nothing("nothing was written to it lately".to_owned()),
                (_, true) => Self::Nothing(format!("its files have {all} bytes")),
                _ => Self::All,
            };
        }
        let mut sum = 0;
        let beyond = files.iter().find(|((seconds, _), size)| {
            sum += size;
            *seconds < oldest || sum > most
        });
        let Some((last, _)) = beyond.copied() else {
            return Self::All;
        };
        // Files with the same time stay together, whatever their order is.
        let left_out: Vec<u64> = files
            .iter()
            .filter(|(time, _)| *time <= last)
            .map(|(_, size)| *size)
            .collect();
        if left_out.len() == files.len() {
            return Self::Nothing("all of its files are too old or too large".to_owned());
        }
        Self::After(last, left_out.len() as u64, left_out.iter().sum())
    }
}

/// Returns when files were written, and their sizes; a file with several names counts once.
fn files(cache: &Path) -> io::Result<Vec<(Time, u64)>> {
    let mut found = Vec::new();
    let mut linked = HashSet::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(directory) = pending.pop() {
        let inside = match names(&cache.join(&directory)) {
            // Others may use the cache at the same time.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            inside => inside?,
        };
        for name in inside {
            let path = directory.join(name);
            if path == Path::new(STAGING) {
                continue;
            }
            let metadata = match fs::symlink_metadata(cache.join(&path)) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                metadata => metadata?,
            };
            if metadata.is_dir() {
                pending.push(path);
            } else if metadata.is_file()
                && (metadata.nlink() < 2 || linked.insert((metadata.dev(), metadata.ino())))
            {
                found.push((time(&metadata), metadata.len()));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_they_are_written() {
        for limits in [
            Limits::default(),
            Limits {
                max_age: Some(3600),
                max_size: Some(1 << 40),
                is_divisible: true,
                parts: 3,
            },
        ] {
            let words: Vec<String> = limits.words().collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(Limits::parse(&words), Some(limits));
        }
        assert_eq!(Limits::parse(&["max-size=many"]), None);
        assert_eq!(Limits::parse(&["else"]), None);
    }

    /// Returns the selection at 1000 seconds from files written at 300, 100 and 200 seconds.
    fn selected(max_age: Option<u64>, max_size: Option<u64>, is_divisible: bool) -> Selection {
        let files = vec![((300, 0), 30), ((100, 0), 10), ((200, 5), 20)];
        let limits = Limits {
            max_age,
            max_size,
            is_divisible,
            parts: 0,
        };
        Selection::among(files, &limits, 1000)
    }

    #[test]
    fn the_oldest_files_are_left_out() {
        assert_eq!(selected(Some(900), Some(60), true), Selection::All);
        assert_eq!(
            selected(None, Some(59), true),
            Selection::After((100, 0), 1, 10)
        );
        assert_eq!(
            selected(None, Some(30), true),
            Selection::After((200, 5), 2, 30)
        );
        assert_eq!(
            selected(Some(800), None, true),
            Selection::After((100, 0), 1, 10)
        );
        assert_eq!(selected(Some(u64::MAX), None, true), Selection::All);
        assert!(matches!(
            selected(Some(699), None, true),
            Selection::Nothing(_)
        ));
        assert!(matches!(
            selected(None, Some(29), true),
            Selection::Nothing(_)
        ));
    }

    #[test]
    fn files_that_need_each_other_stay_together() {
        assert_eq!(selected(Some(700), Some(60), false), Selection::All);
        assert!(matches!(
            selected(Some(699), None, false),
            Selection::Nothing(_)
        ));
        let too_large = Selection::Nothing("its files have 60 bytes".to_owned());
        assert_eq!(selected(None, Some(59), false), too_large);
    }

    #[test]
    fn files_of_one_time_are_left_out_together() {
        let limits = Limits {
            max_size: Some(3),
            is_divisible: true,
            ..Limits::default()
        };
        let files = vec![((1, 0), 2), ((2, 0), 1), ((1, 0), 2)];
        assert_eq!(
            Selection::among(files, &limits, 9),
            Selection::After((1, 0), 2, 4)
        );
    }

    #[test]
    fn a_file_with_two_names_counts_once() {
        let cache = tempfile::tempdir().unwrap();
        fs::create_dir(cache.path().join("inner")).unwrap();
        fs::write(cache.path().join("inner/file"), "four").unwrap();
        fs::hard_link(cache.path().join("inner/file"), cache.path().join("same")).unwrap();
        fs::create_dir(cache.path().join(STAGING)).unwrap();
        fs::write(cache.path().join(STAGING).join("lock"), "none of it").unwrap();
        let files = files(cache.path()).unwrap();
        assert_eq!(files.iter().map(|(_, size)| *size).collect::<Vec<_>>(), [4]);
    }
}
