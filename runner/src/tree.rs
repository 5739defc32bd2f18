//! Copying of files and directories with all attributes except extended ones.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, lchown, symlink,
};
use std::path::{Path, PathBuf};

/// A remaining task for a path of a tree.
enum Pending {
    /// It has to be copied.
    Copy(PathBuf, PathBuf),
    /// The directory's content is copied, so its mode and times can be set.
    Finish(PathBuf, Metadata),
}

/// Copies the target of a path into a new directory: the content of a directory, anything else under its name.
///
/// Other file systems mounted below are left out, and so is everything except files, directories and links.
pub(super) fn copy_into(from: &Path, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let followed = fs::metadata(from)?;
    if !followed.is_dir() {
        let real = fs::canonicalize(from)?;
        let name = from.file_name().unwrap_or(OsStr::new("file"));
        return copy_all(&real, &directory.join(name), followed.dev());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = directory.join(entry.file_name());
        copy_all(&entry.path(), &to, followed.dev())?;
    }
    Ok(())
}

/// Copies a tree. It doesn't recurse, since the depth is not under our control.
fn copy_all(from: &Path, to: &Path, device: u64) -> io::Result<()> {
    let mut pending = vec![Pending::Copy(from.to_owned(), to.to_owned())];
    while let Some(next) = pending.pop() {
        match next {
            Pending::Finish(to, found) => dress(&to, &found)?,
            Pending::Copy(from, to) => {
                let found = fs::symlink_metadata(&from)?;
                let kind = found.file_type();
                if kind.is_symlink() {
                    symlink(fs::read_link(&from)?, &to)?;
                    lchown(&to, Some(found.uid()), Some(found.gid()))?;
                } else if kind.is_dir() {
                    // Files in an overlay may report different devices; its directories don't.
                    if found.dev() != device {
                        continue;
                    }
                    DirBuilder::new().mode(0o700).create(&to)?;
                    pending.push(Pending::Finish(to.clone(), found));
                    for entry in fs::read_dir(&from)? {
                        let entry = entry?;
                        let to = to.join(entry.file_name());
                        pending.push(Pending::Copy(entry.path(), to));
                    }
                } else if kind.is_file() {
                    fs::copy(&from, &to)?;
                    dress(&to, &found)?;
                }
            }
        }
    }
    Ok(())
}

/// Sets the owner, the mode and the time of a file or a directory to those of another.
fn dress(path: &Path, found: &Metadata) -> io::Result<()> {
    lchown(path, Some(found.uid()), Some(found.gid()))?;
    let file = fs::File::open(path)?;
    file.set_modified(found.modified()?)?;
    // Last, since an unreadable file couldn't be opened, and a new owner resets some bits of the mode.
    fs::set_permissions(path, Permissions::from_mode(found.mode() & 0o7777))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    /// Creates an empty directory below that of the test's binary.
    fn scratch(name: &str) -> PathBuf {
        let binary = std::env::current_exe().unwrap();
        let name = format!("{name}-{}", std::process::id());
        let directory = binary.with_file_name(name);
        _ = fs::remove_dir_all(&directory);
        fs::create_dir(&directory).unwrap();
        directory
    }

    #[test]
    fn a_copy_is_like_the_original() {
        let directory = scratch("tree");
        let from = directory.join("from");
        let time = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::write(from.join("a/b/file"), "text").unwrap();
        fs::set_permissions(from.join("a/b/file"), Permissions::from_mode(0o640)).unwrap();
        let file = fs::File::options().write(true).open(from.join("a/b/file"));
        file.unwrap().set_modified(time).unwrap();
        symlink("b/file", from.join("a/link")).unwrap();
        symlink("/nowhere", from.join("a/nowhere")).unwrap();
        fs::set_permissions(from.join("a"), Permissions::from_mode(0o750)).unwrap();

        let to = directory.join("to");
        copy_into(&from, &to).unwrap();
        let file = fs::metadata(to.join("a/link")).unwrap();
        assert_eq!(file.mode() & 0o7777, 0o640);
        assert_eq!(file.modified().unwrap(), time);
        assert_eq!(fs::metadata(to.join("a")).unwrap().mode() & 0o7777, 0o750);
        let nowhere = fs::read_link(to.join("a/nowhere")).unwrap();
        assert_eq!(nowhere, Path::new("/nowhere"));

        // The target of a path is copied, under the name of the path.
        copy_into(&from.join("a/link"), &directory.join("one")).unwrap();
        let link = fs::symlink_metadata(directory.join("one/link")).unwrap();
        assert!(link.is_file());
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn a_deep_tree_needs_no_deep_stack() {
        let directory = scratch("deep");
        let deep = directory.join("d/".repeat(800));
        fs::create_dir_all(&deep).unwrap();
        copy_into(&directory, &directory.with_extension("copy")).unwrap();
        let copy = directory.with_extension("copy").join("d/".repeat(800));
        assert!(copy.is_dir());
        fs::remove_dir_all(directory.with_extension("copy")).unwrap();
        fs::remove_dir_all(directory).unwrap();
    }
}
