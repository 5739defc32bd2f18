//! Passing the files of a failed process to the client: they are copied to a cache, and from there to a result.
//!
//! The daemon only returns results of processes that succeed. The files of a failed one are only accessible in a container,
//! and the only way out of that is a cache.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::reserved::REPORTS;
use super::shown;
use super::tree::copy_into;

/// The subcommand that copies files to the cache.
pub const KEEP: &str = "keep-reports";
/// The subcommand that moves them out of the cache.
pub const DELIVER: &str = "deliver-reports";
/// The path at which the result is mounted.
pub const RESULT: &str = "/reports";

/// Copies files, each given as `NAME=PATH`, to the cache. Prints those that can't be copied, one per line: the name, a
/// space, and the reason; nothing after the space if there is nothing at the path.
pub(super) fn keep(files: &[OsString]) -> io::Result<()> {
    let lost = keep_below(files, Path::new("/"), Path::new(REPORTS))?;
    io::stdout().write_all(lost.as_bytes())
}

/// Moves everything out of the cache, which is then empty.
pub(super) fn deliver() -> io::Result<()> {
    copy_into(Path::new(REPORTS), Path::new(RESULT))?;
    for entry in fs::read_dir(REPORTS)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn keep_below(files: &[OsString], root: &Path, cache: &Path) -> io::Result<String> {
    let mut lost = String::new();
    for file in files {
        let file = file.to_str().and_then(|file| file.split_once('='));
        let (name, path) = file.ok_or(ErrorKind::InvalidInput)?;
        let kept = cache.join(name);
        let Err(error) = own(Path::new(path), root).and_then(|real| copy_into(&real, &kept)) else {
            continue;
        };
        // The other reports are still useful, and so is the part of this one that could be copied.
        let nothing = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
        let reason = if nothing {
            String::new()
        } else {
            error.to_string()
        };
        _ = writeln!(lost, "{name} {}", shown(reason.as_bytes()));
    }
    Ok(lost)
}

/// Returns the target of a path, if it is a file of the stage: in the root file system, not in one that every process sees,
/// such as `/proc`, which has no end.
fn own(path: &Path, root: &Path) -> io::Result<PathBuf> {
    let real = fs::canonicalize(path)?;
    // Files in an overlay may report different devices; its directories don't.
    let is_directory = real.is_dir();
    let directory = real.parent().filter(|_| !is_directory).unwrap_or(&real);
    if fs::metadata(directory)?.dev() == fs::metadata(root)?.dev() {
        // A file keeps the name by which it was requested.
        return Ok(if is_directory { real } else { path.to_owned() });
    }
    let message = format!(
        "it leads to {}, which is not a file of the stage",
        real.display()
    );
    Err(io::Error::other(message))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A report that can't be copied doesn't affect the others.
    #[test]
    fn links_to_themselves_and_into_other_file_systems_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let (root, cache) = (folder.path().join("root"), folder.path().join("cache"));
        fs::create_dir_all(root.join("results/deep")).unwrap();
        fs::write(root.join("results/deep/a.xml"), "a").unwrap();
        symlink("itself", root.join("results/itself")).unwrap();
        symlink("/proc/self", root.join("results/process")).unwrap();
        symlink("itself", root.join("itself")).unwrap();
        symlink("/proc/self", root.join("process")).unwrap();
        symlink("/proc/self/environ", root.join("secrets")).unwrap();
        symlink("results/deep/a.xml", root.join("latest.xml")).unwrap();
        let paths = [
            "itself",
            "process",
            "secrets",
            "none",
            "latest.xml",
            "results",
            "latest.xml/x",
        ];
        let files = paths.map(|path| {
            let name = path.replace('/', "-");
            OsString::from(format!("{name}={}", root.join(path).display()))
        });
        let lost = keep_below(&files, &root, &cache).unwrap();
        let lost: Vec<&str> = lost.lines().collect();
        assert!(
            lost[0].starts_with("itself Too many levels of symbolic links"),
            "{lost:?}"
        );
        assert!(
            lost[1].starts_with("process it leads to /proc/"),
            "{lost:?}"
        );
        assert!(
            lost[2].starts_with("secrets it leads to /proc/"),
            "{lost:?}"
        );
        assert_eq!(lost[3..], ["none ", "latest.xml-x "]);
        assert_eq!(fs::read(cache.join("results/deep/a.xml")).unwrap(), b"a");
        assert_eq!(fs::read(cache.join("latest.xml/latest.xml")).unwrap(), b"a");
        let link = fs::read_link(cache.join("results/process")).unwrap();
        assert_eq!(link, Path::new("/proc/self"));
    }
}
