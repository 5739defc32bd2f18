//! The files of an image, below a directory: no path and no link leads out of it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// The maximum number of links that are followed, as in the kernel.
const MAX_LINKS: usize = 40;
/// The maximum size of a file that is read, in bytes; a file without content can claim any size.
const MAX_READ: u64 = 16 << 30;
/// The maximum size that is read of files with user names.
const MAX_NAMES: u64 = 4 << 20;
/// The number of files that are named if a directory is too large.
const MAX_NAMED: usize = 3;

/// The root of an image.
#[derive(Debug)]
pub(super) struct Root {
    directory: PathBuf,
}

/// A file in the image.
#[derive(Debug)]
pub(super) struct Entry {
    /// The path from the root.
    pub path: PathBuf,
    /// The metadata.
    pub metadata: Metadata,
}

impl Root {
    /// Creates a root from the directory that represents `/`.
    pub(super) fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    /// Looks up a path itself: links in parent directories are followed, a link at the end isn't.
    pub(super) fn look(&self, path: &Path) -> io::Result<Option<Entry>> {
        self.resolve(path, false)
    }

    /// Looks up the target of a path.
    pub(super) fn follow(&self, path: &Path) -> io::Result<Option<Entry>> {
        self.resolve(path, true)
    }

    /// Opens a regular file of a size that can be read within minutes; others might be read forever, or not at all.
    pub(super) fn open(&self, entry: &Entry) -> io::Result<File> {
        if entry.metadata.is_file() && entry.metadata.size() <= MAX_READ {
            return File::open(self.real(&entry.path));
        }
        if entry.metadata.is_file() {
            let error = format!(
                "it is larger than {} GiB, too large to be read",
                MAX_READ >> 30
            );
            return Err(io::Error::new(ErrorKind::FileTooLarge, error));
        }
        let error = format!(
            "it is {}, not a file",
            super::facts::kind_of(&entry.metadata)
        );
        Err(io::Error::new(ErrorKind::InvalidInput, error))
    }

    /// Reads the target of a link.
    pub(super) fn link(&self, entry: &Entry) -> io::Result<PathBuf> {
        fs::read_link(self.real(&entry.path))
    }

    /// Finds the number of a user or a group in a file such as `/etc/passwd`; `None` if the name isn't there.
    pub(super) fn number(&self, file: &str, name: &str) -> io::Result<Option<u32>> {
        let Some(entry) = self.follow(Path::new(file))? else {
            return Ok(None);
        };
        let mut lines = Vec::new();
        self.open(&entry)?.take(MAX_NAMES).read_to_end(&mut lines)?;
        let lines = String::from_utf8_lossy(&lines);
        let number = lines.lines().find_map(|line| {
            let mut parts = line.split(':');
            (parts.next()? == name).then(|| parts.nth(1)?.parse().ok())?
        });
        Ok(number)
    }

    /// Calls a function for everything below a directory, sorted by name. Links are not followed.
    pub(super) fn walk(&self, top: &Entry, mut visit: impl FnMut(&Entry)) -> io::Result<()> {
        let mut pending = Vec::new();
        if top.metadata.is_dir() {
            pending.push(top.path.clone());
        }
        while let Some(directory) = pending.pop() {
            let real = self.real(&directory);
            let mut entries = fs::read_dir(real)?.collect::<io::Result<Vec<_>>>()?;
            entries.sort_by_key(fs::DirEntry::file_name);
            let first = pending.len();
            for entry in entries {
                let entry = Entry {
                    path: directory.join(entry.file_name()),
                    metadata: entry.metadata()?,
                };
                if entry.metadata.is_dir() {
                    pending.push(entry.path.clone());
                }
                visit(&entry);
            }
            pending[first..].reverse();
        }
        Ok(())
    }

    /// Returns the total size of a file, or of all files below a directory, and the largest files. A file with
    /// several names counts once.
    pub(super) fn size(&self, entry: &Entry) -> io::Result<(u64, Vec<(u64, PathBuf)>)> {
        if entry.metadata.is_file() {
            return Ok((entry.metadata.size(), Vec::new()));
        }
        let mut seen = BTreeSet::new();
        let mut sum = 0_u64;
        let mut largest: Vec<(u64, PathBuf)> = Vec::new();
        self.walk(entry, |entry| {
            let file = &entry.metadata;
            if !file.is_file() || (file.nlink() > 1 && !seen.insert((file.dev(), file.ino()))) {
                return;
            }
            sum = sum.saturating_add(file.size());
            let at = largest.partition_point(|(size, _)| *size >= file.size());
            if at < MAX_NAMED {
                largest.insert(at, (file.size(), entry.path.clone()));
                largest.truncate(MAX_NAMED);
            }
        })?;
        Ok((sum, largest))
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.directory.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn resolve(&self, path: &Path, follow_last: bool) -> io::Result<Option<Entry>> {
        let mut pending = Vec::new();
        push(&mut pending, path);
        let mut links = 0;
        let mut found = PathBuf::from("/");
        while let Some(part) = pending.pop() {
            if part == ".." {
                found.pop();
                continue;
            }
            let next = found.join(&part);
            let metadata = match fs::symlink_metadata(self.real(&next)) {
                Ok(metadata) => metadata,
                Err(error) => return nothing(error),
            };
            if !metadata.is_symlink() || (pending.is_empty() && !follow_last) {
                found = next;
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::other("its links lead in a circle"));
            }
            let target = fs::read_link(self.real(&next))?;
            if target.is_absolute() {
                found = PathBuf::from("/");
            }
            push(&mut pending, &target);
        }
        match fs::symlink_metadata(self.real(&found)) {
            Ok(metadata) => Ok(Some(Entry {
                path: found,
                metadata,
            })),
            Err(error) => nothing(error),
        }
    }
}

/// Pushes the components of a path onto a stack, the first one on top.
fn push(pending: &mut Vec<OsString>, path: &Path) {
    let parts = path.components().rev().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    });
    pending.extend(parts);
}

/// Distinguishes a missing file from one that can't be accessed.
fn nothing(error: io::Error) -> io::Result<Option<Entry>> {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Ok(None),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// Creates an image next to something that it must not access.
    fn image() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("usr/bin")).unwrap();
        fs::create_dir_all(root.join("etc")).unwrap();
        fs::write(folder.path().join("secret"), "outside").unwrap();
        fs::write(root.join("usr/bin/dash"), "dash").unwrap();
        fs::write(
            root.join("etc/passwd"),
            "root:x:0:0::/:\nbad\napp:x:1000:1001::/:\n",
        )
        .unwrap();
        for (link, target) in [
            ("bin", "usr/bin"),
            ("usr/bin/sh", "dash"),
            ("usr/bin/absolute", "/usr/bin/dash"),
            ("usr/bin/up", "../../../../../secret"),
            ("usr/bin/high", "../../../../../etc/passwd"),
            ("dangling", "/nowhere"),
            ("circle", "circle"),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        (folder, Root::new(root))
    }

    #[test]
    fn links_are_followed_inside_of_the_root() {
        let (_folder, root) = image();
        let leads_to = |path: &str| {
            root.follow(Path::new(path))
                .unwrap()
                .map(|entry| entry.path)
        };
        let some = |path: &str| Some(PathBuf::from(path));
        for (path, expected) in [
            ("/", some("/")),
            ("/bin/sh", some("/usr/bin/dash")),
            ("/bin/absolute", some("/usr/bin/dash")),
            ("/bin/high", some("/etc/passwd")),
            ("/../../etc/./passwd", some("/etc/passwd")),
            ("/bin/up", None),
            ("/../secret", None),
            ("/dangling", None),
            ("/etc/passwd/x", None),
        ] {
            assert_eq!(leads_to(path), expected, "{path}");
        }
        assert!(root.follow(Path::new("/circle")).is_err());
        let itself = root.look(Path::new("/bin/sh")).unwrap().unwrap();
        assert!(itself.metadata.is_symlink());
        assert_eq!(itself.path, Path::new("/usr/bin/sh"));
        assert!(root.look(Path::new("/circle")).unwrap().is_some());
    }

    #[test]
    fn endless_files_are_not_read() {
        let (_folder, root) = image();
        let file = File::create(root.real(Path::new("/endless"))).unwrap();
        file.set_len(MAX_READ + 1).unwrap();
        let entry = root.look(Path::new("/endless")).unwrap().unwrap();
        let error = root.open(&entry).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it is larger than 16 GiB, too large to be read"
        );
        file.set_len(MAX_READ).unwrap();
        let entry = root.look(Path::new("/endless")).unwrap().unwrap();
        assert!(root.open(&entry).is_ok());
    }

    #[test]
    fn users_have_numbers() {
        let (_folder, root) = image();
        let number = |name: &str| root.number("/etc/passwd", name).unwrap();
        assert_eq!(number("app"), Some(1000));
        assert_eq!(number("bad"), None);
        assert_eq!(number("nobody"), None);
        assert_eq!(root.number("/etc/group", "app").unwrap(), None);
    }

    #[test]
    fn sizes_count_files_once_and_links_never() {
        let (_folder, root) = image();
        let real = root.real(Path::new("/usr"));
        fs::write(real.join("large"), vec![0; 5000]).unwrap();
        fs::hard_link(real.join("large"), real.join("again")).unwrap();
        let usr = root.look(Path::new("/usr")).unwrap().unwrap();
        let (sum, largest) = root.size(&usr).unwrap();
        assert_eq!(sum, 5004);
        assert_eq!(largest[0].0, 5000);
        assert_eq!(largest[1], (4, PathBuf::from("/usr/bin/dash")));
        let file = root.look(Path::new("/usr/large")).unwrap().unwrap();
        assert_eq!(root.size(&file).unwrap().0, 5000);
    }
}
