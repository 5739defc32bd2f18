//! A directory in which files are created, whatever their names: nothing is created outside of it, and no link is followed.

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, RawMode, Timespec, Timestamps, UTIME_OMIT, Uid,
    chmodat, chownat, fchmod, fchown, futimens, linkat, mkdirat, openat, statat, symlinkat,
    utimensat,
};
use rustix::io::Errno;

/// The maximum nesting depth of directories.
const DEEPEST: usize = 256;
/// The maximum length of a path, as in the kernel.
const MAX_PATH_LENGTH: usize = 4096;

const DIRECTORY: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// A directory, and the most recently used one in it.
#[derive(Debug)]
pub(super) struct Directory {
    root: OwnedFd,
    last: Option<(Vec<Vec<u8>>, OwnedFd)>,
}

/// The attributes of a file besides its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes {
    pub mode: RawMode,
    pub user: u32,
    pub group: u32,
    pub modified: Timespec,
}

impl Attributes {
    /// Returns the attributes of an existing file.
    pub(super) fn from_metadata(metadata: &Metadata) -> Self {
        Self {
            mode: metadata.mode(),
            user: metadata.uid(),
            group: metadata.gid(),
            modified: Timespec {
                tv_sec: metadata.mtime(),
                tv_nsec: metadata.mtime_nsec(),
            },
        }
    }

    fn mode(self) -> Mode {
        Mode::from_raw_mode(self.mode & 0o7777)
    }

    fn owner(self) -> (Option<Uid>, Option<Gid>) {
        (
            Some(Uid::from_raw(self.user)),
            Some(Gid::from_raw(self.group)),
        )
    }

    fn times(self) -> Timestamps {
        let untouched = Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_OMIT,
        };
        Timestamps {
            last_access: untouched,
            last_modification: self.modified,
        }
    }
}

/// A path below a directory, split into names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Inside(Vec<Vec<u8>>);

impl Inside {
    /// Parses a path of an archive. The error says why it isn't below a directory.
    pub(super) fn new(path: &[u8]) -> Result<Self, &'static str> {
        if path.len() > MAX_PATH_LENGTH {
            return Err("has a name that is too long");
        }
        if path.first() == Some(&b'/') {
            return Err("is an absolute path");
        }
        if path.contains(&0) {
            return Err("has a name that no file can have");
        }
        let names = path.split(|byte| *byte == b'/');
        let names: Vec<Vec<u8>> = names
            .filter(|name| !name.is_empty() && *name != b".")
            .map(<[u8]>::to_vec)
            .collect();
        if names.iter().any(|name| name == b"..") {
            return Err("leads out of the cache");
        }
        if names.len() > DEEPEST {
            return Err("lies in too many directories");
        }
        Ok(Self(names))
    }

    /// Returns the path of the directory itself.
    pub(super) fn root() -> Self {
        Self(Vec::new())
    }

    /// Reports whether it is the directory itself.
    pub(super) fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl Directory {
    /// Opens a directory.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            root: openat(CWD, path, DIRECTORY, Mode::empty())?,
            last: None,
        })
    }

    /// Creates a directory, unless it exists. Its attributes are set by [`Directory::finish`].
    pub(super) fn make(&mut self, path: &Inside) -> io::Result<()> {
        self.enter(&path.0)?;
        Ok(())
    }

    /// Sets a directory's attributes, after everything in it is created.
    pub(super) fn finish(&mut self, path: &Inside, attributes: Attributes) -> io::Result<()> {
        let directory = self.enter(&path.0)?;
        let (user, group) = attributes.owner();
        // Changing the owner resets some bits of the mode.
        fchown(&directory, user, group)?;
        fchmod(&directory, attributes.mode())?;
        Ok(futimens(&directory, &attributes.times())?)
    }

    /// Creates a new file with this content.
    pub(super) fn file(
        &mut self,
        path: &Inside,
        attributes: Attributes,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let (directory, name) = self.parent(path)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(directory, name, flags, Mode::RUSR | Mode::WUSR)?);
        write(&mut file)?;
        let (user, group) = attributes.owner();
        fchown(&file, user, group)?;
        fchmod(&file, attributes.mode())?;
        Ok(futimens(&file, &attributes.times())?)
    }

    /// Creates a new symbolic link. Its target can be anything, since it isn't followed here.
    pub(super) fn symlink(
        &mut self,
        path: &Inside,
        attributes: Attributes,
        target: &[u8],
    ) -> io::Result<()> {
        let (directory, name) = self.parent(path)?;
        symlinkat(target, &directory, name)?;
        let (user, group) = attributes.owner();
        let itself = AtFlags::SYMLINK_NOFOLLOW;
        chownat(&directory, name, user, group, itself)?;
        Ok(utimensat(&directory, name, &attributes.times(), itself)?)
    }

    /// Creates a hard link to a file that was created here.
    pub(super) fn link(&mut self, path: &Inside, first: &Inside) -> io::Result<()> {
        let (first_directory, first_name) = self.parent(first)?;
        let stat = statat(&first_directory, first_name, AtFlags::SYMLINK_NOFOLLOW)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(Errno::INVAL.into());
        }
        let (directory, name) = self.parent(path)?;
        let nothing_followed = AtFlags::empty();
        Ok(linkat(
            &first_directory,
            first_name,
            &directory,
            name,
            nothing_followed,
        )?)
    }

    /// Opens the directory that contains a path.
    fn parent<'path>(&mut self, path: &'path Inside) -> io::Result<(OwnedFd, &'path [u8])> {
        let (name, directories) = path.0.split_last().ok_or(Errno::EXIST)?;
        Ok((self.enter(directories)?, name))
    }

    /// Opens a directory, creating missing ones on the way.
    fn enter(&mut self, names: &[Vec<u8>]) -> io::Result<OwnedFd> {
        if let Some((last, directory)) = &self.last
            && last == names
        {
            return directory.try_clone();
        }
        let mut directory = self.root.try_clone()?;
        for name in names {
            let name = name.as_slice();
            match mkdirat(&directory, name, Mode::RWXU) {
                Ok(()) => {
                    // It is readable by others until its attributes are known, if they ever are.
                    let open = Mode::from_raw_mode(0o755);
                    chmodat(&directory, name, open, AtFlags::empty())?;
                }
                Err(Errno::EXIST) => {}
                Err(error) => return Err(error.into()),
            }
            directory = openat(&directory, name, DIRECTORY, Mode::empty())?;
        }
        self.last = Some((names.to_vec(), directory.try_clone()?));
        Ok(directory)
    }
}

#[cfg(test)]
mod tests {
    use super::Inside;

    #[test]
    fn paths_stay_inside() {
        for (path, same) in [("a/b", "./a//b/"), (".", ""), ("a", "a/.")] {
            let inside = Inside::new(path.as_bytes());
            assert_eq!(inside, Inside::new(same.as_bytes()), "{path}");
            assert!(inside.is_ok());
        }
        for path in ["/a", "..", "a/../b", "a\0b"] {
            assert!(Inside::new(path.as_bytes()).is_err(), "{path}");
        }
        assert!(Inside::new("a/".repeat(300).as_bytes()).is_err());
        assert!(Inside::new("a".repeat(5000).as_bytes()).is_err());
        assert!(Inside::new(b"./").unwrap().is_root());
    }
}
