//! Distribution of a cache's files to archives.
//!
//! Files are sorted by the time at which they were written, so that files added by a build come last and change few archives. The
//! boundaries between runs of files, and the archive of each run, depend only on the files there, so changes elsewhere don't move
//! anything. Each archive is a layer of an image, and an unchanged layer isn't sent again.

use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::limits::Time;

/// The minimum size of a cache that is divided.
const LEAST: u64 = 4 << 20;
/// The approximate number of runs of files per archive.
const RUNS: u64 = 4;
/// The size of a file in an archive in addition to its content.
const OVERHEAD: u64 = 1024;
/// The record of the additional archives in the first one.
pub(super) const RECORD: &str = "STAGEFILE.parts";

/// A file of a cache.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) path: PathBuf,
    pub(super) time: Time,
    pub(super) size: u64,
    /// The identity that files with several names share.
    pub(super) identity: Option<(u64, u64)>,
}

/// Returns the files of each archive, in order. The first one also has everything that isn't a file, which changes in many
/// builds, so it only has files if there is no other.
pub(super) fn divide(mut files: Vec<Listed>, archives: usize) -> Vec<Vec<Listed>> {
    files.sort_unstable_by(|one, other| (one.time, &one.path).cmp(&(other.time, &other.path)));
    let total: u64 = files.iter().map(|file| file.size + OVERHEAD).sum();
    let mut divided: Vec<Vec<Listed>> = (0..archives.max(1)).map(|_| Vec::new()).collect();
    let others = archives.saturating_sub(1) as u64;
    if others == 0 || total < LEAST {
        divided[0] = files;
        return divided;
    }
    // A power of two, so that a cache that grows a little is divided as before.
    let run = (total / (others * RUNS)).next_power_of_two();
    let mut linked = HashMap::new();
    let mut current = None;
    for file in files {
        let hash = hash(&file);
        let own = *current.get_or_insert_with(|| 1 + usize::try_from(hash % others).unwrap_or(0));
        // The probability that a run ends here is proportional to the file's size.
        let weight = u128::from(file.size + OVERHEAD) << 64;
        if u128::from(hash.rotate_left(32)) * u128::from(run) < weight {
            current = None;
        }
        let part = match file.identity {
            Some(identity) => *linked.entry(identity).or_insert(own),
            None => own,
        };
        divided[part].push(file);
    }
    divided
}

/// Returns a pseudo-random number that is always the same for the same file.
fn hash(file: &Listed) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let (seconds, nanoseconds) = file.time;
    let numbers = [
        seconds.cast_unsigned(),
        nanoseconds.cast_unsigned(),
        file.size,
    ];
    let numbers = numbers.into_iter().flat_map(u64::to_le_bytes);
    for byte in file
        .path
        .as_os_str()
        .as_bytes()
        .iter()
        .copied()
        .chain(numbers)
    {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Returns the path of an additional archive next to the first one.
pub(super) fn beside(first: &Path, part: usize) -> PathBuf {
    if part == 0 {
        return first.to_owned();
    }
    first.with_extension(format!("{part}.tar"))
}

/// Formats the numbers of archives.
pub(super) fn write(parts: &[usize]) -> String {
    let parts: Vec<String> = parts.iter().map(usize::to_string).collect();
    parts.join(",")
}

/// Parses them; `None` if they are invalid.
pub(super) fn read(text: &str) -> Option<Vec<usize>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(',').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: String, seconds: i64) -> Listed {
        Listed {
            path: PathBuf::from(name),
            time: (seconds, 0),
            size: 100_000,
            identity: None,
        }
    }

    fn many() -> Vec<Listed> {
        (0..1000)
            .map(|number| file(format!("file-{number}"), number))
            .collect()
    }

    fn paths(divided: &[Vec<Listed>]) -> Vec<Vec<&Path>> {
        let mut all = Vec::new();
        for files in divided {
            all.push(files.iter().map(|file| file.path.as_path()).collect());
        }
        all
    }

    #[test]
    fn a_change_concerns_few_archives() {
        let before = divide(many(), 16);
        assert!(before[0].is_empty());
        assert_eq!(before.iter().map(Vec::len).sum::<usize>(), 1000);
        let used = before.iter().filter(|files| !files.is_empty()).count();
        assert!(used > 10, "{used}");
        let changed = |files: Vec<Listed>| {
            let after = divide(files, 16);
            let (before, after) = (paths(&before), paths(&after));
            before
                .iter()
                .zip(&after)
                .filter(|(one, other)| one != other)
                .count()
        };
        assert_eq!(changed(many().into_iter().rev().collect()), 0);
        let mut more = many();
        more.extend((0..20).map(|number| file(format!("more-{number}"), 2000 + number)));
        assert!((1..=4).contains(&changed(more)));
        let mut fewer = many();
        fewer.remove(500);
        assert!((1..=3).contains(&changed(fewer)));
    }

    #[test]
    fn names_of_a_file_stay_together() {
        let mut files = many();
        for file in files.iter_mut().step_by(100) {
            file.identity = Some((1, 2));
        }
        let divided = divide(files, 16);
        let with = |files: &&Vec<Listed>| files.iter().any(|file| file.identity.is_some());
        assert_eq!(divided.iter().filter(with).count(), 1);
    }

    #[test]
    fn a_small_cache_is_one_archive() {
        let divided = divide(vec![file("b".to_owned(), 2), file("a".to_owned(), 3)], 16);
        assert_eq!(paths(&divided)[0], [Path::new("b"), Path::new("a")]);
        let divided = divide(many(), 1);
        assert_eq!(divided[0].len(), 1000);
    }

    #[test]
    fn archives_have_names_and_numbers() {
        let first = Path::new("/out/go-1.19-abc.tar");
        assert_eq!(beside(first, 0), first);
        assert_eq!(beside(first, 12), Path::new("/out/go-1.19-abc.12.tar"));
        for parts in [vec![], vec![0], vec![3, 15]] {
            assert_eq!(read(&write(&parts)), Some(parts));
        }
        assert_eq!(read("one"), None);
    }
}
