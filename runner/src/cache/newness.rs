//! Whether a cache is new: nothing was ever written to it.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::staging::{STAGING, is_unfinished};

/// Reports whether a cache contains nothing but its initial content. A cache whose import was interrupted at its very end is
/// new too, so that another process finishes it.
pub(super) fn is_new(cache: &Path, seed: Option<&Path>) -> io::Result<bool> {
    if is_unfinished(cache) {
        return Ok(true);
    }
    let mut pending = vec![PathBuf::new()];
    while let Some(path) = pending.pop() {
        let mut names = names(&cache.join(&path))?;
        if path.as_os_str().is_empty() {
            names.retain(|name| name != STAGING);
        }
        let began = match seed {
            Some(seed) => self::names(&seed.join(&path))?,
            None => Vec::new(),
        };
        if names != began {
            return Ok(false);
        }
        for name in names {
            let path = path.join(name);
            let Some(seed) = seed else { return Ok(false) };
            let (now, then) = (cache.join(&path), seed.join(&path));
            let metadata = fs::symlink_metadata(&now)?;
            if !is_same(&metadata, &fs::symlink_metadata(&then)?)
                || metadata.is_symlink() && fs::read_link(&now)? != fs::read_link(&then)?
            {
                return Ok(false);
            }
            if metadata.is_dir() {
                pending.push(path);
            }
        }
    }
    Ok(true)
}

/// Returns the names in a directory, sorted.
pub(super) fn names(directory: &Path) -> io::Result<Vec<OsString>> {
    let entries = fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.file_name()));
    let mut names = entries.collect::<io::Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// Reports whether a file is unchanged. Writing to a file changes its time; the time of a directory doesn't matter.
fn is_same(now: &Metadata, then: &Metadata) -> bool {
    let kind = now.file_type() == then.file_type();
    if now.is_file() {
        kind && now.len() == then.len() && now.modified().ok() == then.modified().ok()
    } else {
        kind
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn an_empty_cache_is_new() {
        let cache = tempfile::tempdir().unwrap();
        assert!(is_new(cache.path(), None).unwrap());
        fs::create_dir(cache.path().join(STAGING)).unwrap();
        assert!(is_new(cache.path(), None).unwrap());
        fs::create_dir(cache.path().join("directory")).unwrap();
        assert!(!is_new(cache.path(), None).unwrap());
    }

    #[test]
    fn a_cache_is_new_while_it_is_what_it_began_as() {
        let (cache, seed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let time = SystemTime::UNIX_EPOCH;
        for root in [cache.path(), seed.path()] {
            fs::create_dir(root.join("directory")).unwrap();
            fs::write(root.join("directory/file"), "x").unwrap();
            let file = File::options()
                .append(true)
                .open(root.join("directory/file"));
            file.unwrap().set_modified(time).unwrap();
        }
        let is_new = || is_new(cache.path(), Some(seed.path())).unwrap();
        assert!(is_new());
        fs::write(cache.path().join("directory/file"), "y").unwrap();
        assert!(!is_new());
        fs::write(cache.path().join("directory/file"), "x").unwrap();
        let file = File::options()
            .append(true)
            .open(cache.path().join("directory/file"));
        file.unwrap().set_modified(time).unwrap();
        assert!(is_new());
        fs::remove_file(cache.path().join("directory/file")).unwrap();
        assert!(!is_new());
    }
}
