//! What a failed process left, on its way to the client: taken out of its files into a cache, and out of that into a result.
//!
//! Results of the daemon come from processes that succeed. What a failed one left can only be looked at in a container,
//! from which nothing but a cache leads on.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::tree::copy_into;

/// The verb that takes files out, into the cache.
pub const KEEP: &str = "keep-reports";
/// The verb that takes them out of the cache.
pub const DELIVER: &str = "deliver-reports";
/// Where the cache is mounted.
pub const CACHE: &str = "/run/stagefile/reports";
/// Where the result is mounted.
pub const RESULT: &str = "/reports";

/// How long a build that doesn't come back for its files may take, before they are thrown away.
const FORGOTTEN: Duration = Duration::from_hours(24);

/// Takes files out, each as `NAME=PATH`, into the part of the cache that the first argument names. Prints the names of
/// those that aren't there.
pub(super) fn keep(arguments: &[OsString]) -> io::Result<()> {
    let (own, files) = own_part(arguments)?;
    forget_old(Path::new(CACHE));
    fs::create_dir_all(&own)?;
    let mut missing = String::new();
    for file in files {
        let file = file.to_str().and_then(|file| file.split_once('='));
        let (name, path) = file.ok_or(ErrorKind::InvalidInput)?;
        if Path::new(path).exists() {
            copy_into(Path::new(path), &own.join(name))?;
        } else {
            missing.push_str(name);
            missing.push('\n');
        }
    }
    io::stdout().write_all(missing.as_bytes())
}

/// Takes out of the cache the part that the argument names, which is gone there then.
pub(super) fn deliver(arguments: &[OsString]) -> io::Result<()> {
    let (own, _) = own_part(arguments)?;
    copy_into(&own, Path::new(RESULT))?;
    fs::remove_dir_all(own)
}

/// Returns the part of the cache that the first argument names, and the other arguments.
fn own_part(arguments: &[OsString]) -> io::Result<(PathBuf, &[OsString])> {
    let (own, rest) = arguments.split_first().ok_or(ErrorKind::InvalidInput)?;
    Ok((Path::new(CACHE).join(own), rest))
}

/// Throws away what builds have left that were given up in between.
fn forget_old(cache: &Path) {
    let entries = fs::read_dir(cache).into_iter().flatten().flatten();
    for entry in entries {
        let modified = entry.metadata().and_then(|found| found.modified());
        let age = modified
            .ok()
            .and_then(|time| SystemTime::now().duration_since(time).ok());
        if age.is_some_and(|age| age > FORGOTTEN) {
            // Another build may be throwing it away, too.
            _ = fs::remove_dir_all(entry.path());
        }
    }
}
