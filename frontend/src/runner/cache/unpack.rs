//! An archive, read into a directory. Whoever made it may mean harm: nothing is made outside of the directory, nothing that takes
//! more room than the archive does, and no devices.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::Timespec;
use tar::{Archive, Entries, Entry, EntryType};

use super::archive::{TIME, read_time};
use super::directory::{Attributes, Directory, Inside};

/// The size of all parts of an archive.
const BLOCK: u64 = 512;

/// Why an archive can't be read.
#[derive(Debug)]
pub(super) enum UnpackError {
    /// It is damaged, or the disk is.
    Io(io::Error),
    /// It was cut off.
    CutOff,
    /// Something in it can't be made: its path, and what is wrong with it.
    Entry(String, String),
}

impl From<io::Error> for UnpackError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for UnpackError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(formatter),
            Self::CutOff => formatter.write_str("its end is missing"),
            Self::Entry(path, what) => write!(formatter, "`{path}` {what}"),
        }
    }
}

/// Reads an archive into a directory that is empty and that nobody else uses. Returns how many files, directories and links it has.
pub(super) fn unpack(archive: impl Read, root: &Path) -> Result<u64, UnpackError> {
    let mut archive = Archive::new(Counted {
        inner: archive,
        count: 0,
    });
    let mut unpacking = Unpacking {
        directory: Directory::open(root)?,
        directories: Vec::new(),
        entries: 0,
    };
    let end = unpacking.all(&mut archive.entries()?)?;
    // An archive ends with empty blocks; the library is content with a file that just ends.
    if archive.into_inner().count < end + BLOCK {
        return Err(UnpackError::CutOff);
    }
    // What is made in a directory changes its time.
    for (path, attributes) in unpacking.directories.iter().rev() {
        unpacking.directory.finish(path, *attributes)?;
    }
    Ok(unpacking.entries)
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count += length as u64;
        Ok(length)
    }
}

struct Unpacking {
    directory: Directory,
    /// Directories, whose attributes come last.
    directories: Vec<(Inside, Attributes)>,
    entries: u64,
}

impl Unpacking {
    /// Makes everything. Returns where the last entry ends.
    fn all<R: Read>(&mut self, entries: &mut Entries<'_, R>) -> Result<u64, UnpackError> {
        let mut end = 0;
        for entry in entries {
            let mut entry = entry?;
            end = entry.raw_file_position() + entry.size().next_multiple_of(BLOCK);
            // Notes about the whole archive.
            if entry.header().entry_type() == EntryType::XGlobalHeader {
                continue;
            }
            let name = entry.path_bytes().into_owned();
            self.one(&mut entry, &name).map_err(|what| {
                let name = String::from_utf8_lossy(&name).escape_debug().to_string();
                UnpackError::Entry(name, what)
            })?;
        }
        Ok(end)
    }

    fn one<R: Read>(&mut self, entry: &mut Entry<'_, R>, name: &[u8]) -> Result<(), String> {
        let path = Inside::new(name)?;
        let attributes = attributes(entry).map_err(|error| error.to_string())?;
        let kind = entry.header().entry_type();
        if path.is_root() && kind != EntryType::Directory {
            return Err("is the cache itself, but no directory".to_owned());
        }
        let directory = &mut self.directory;
        let made = match kind {
            EntryType::Directory => {
                self.directories.push((path.clone(), attributes));
                directory.make(&path)
            }
            EntryType::Regular | EntryType::Continuous => {
                directory.file(&path, attributes, |file| copy(entry, file))
            }
            EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap_or_default();
                directory.symlink(&path, attributes, &target)
            }
            EntryType::Link => {
                let target = entry.link_name_bytes().unwrap_or_default();
                let first = Inside::new(&target)
                    .map_err(|what| format!("is a link to something that {what}"))?;
                directory.link(&path, &first)
            }
            _ => return Err("is no file, directory or link".to_owned()),
        };
        made.map_err(|error| format!("can't be made: {error}"))?;
        self.entries += u64::from(!path.is_root());
        Ok(())
    }
}

/// Copies the whole content of a file.
fn copy<R: Read>(entry: &mut Entry<'_, R>, file: &mut std::fs::File) -> io::Result<()> {
    let size = entry.size();
    if io::copy(entry, file)? < size {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn attributes<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Attributes> {
    let header = entry.header();
    let too_large = |_| io::Error::other("has an owner with a number that is too large");
    let mut attributes = Attributes {
        mode: header.mode()?,
        user: header.uid()?.try_into().map_err(too_large)?,
        group: header.gid()?.try_into().map_err(too_large)?,
        modified: Timespec {
            tv_sec: header.mtime()?.try_into().unwrap_or_default(),
            tv_nsec: 0,
        },
    };
    for record in entry.pax_extensions()?.into_iter().flatten() {
        let record = record?;
        if record.key() == Ok(TIME)
            && let Some(time) = record.value().ok().and_then(read_time)
        {
            attributes.modified = time;
        }
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};

    use tar::{Builder, Header};

    use super::super::pack::pack;
    use super::*;

    /// An entry: its kind, path, link's target and content.
    type Made<'a> = (EntryType, &'a str, &'a str, &'a [u8]);

    /// Makes an archive with whatever names.
    fn archive(entries: &[Made<'_>]) -> Vec<u8> {
        let mut builder = Builder::new(Vec::new());
        for (kind, path, target, content) in entries {
            let metadata = fs::metadata(".").unwrap();
            let mut header = Header::new_gnu();
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_link_name_literal(target).unwrap();
            header.set_entry_type(*kind);
            header.set_mode(0o644);
            header.set_uid(metadata.uid().into());
            header.set_gid(metadata.gid().into());
            header.set_mtime(0);
            header.set_size(content.len() as u64);
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    /// Reads an archive into a directory beside which there is another one, in which nothing may happen.
    fn refused(entries: &[Made<'_>]) -> String {
        let root = tempfile::tempdir().unwrap();
        let (cache, outside) = (root.path().join("cache"), root.path().join("outside"));
        fs::create_dir(&cache).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("file"), "untouched").unwrap();
        let error = unpack(&*archive(entries), &cache).unwrap_err();
        assert_eq!(fs::read(outside.join("file")).unwrap(), b"untouched");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
        error.to_string()
    }

    #[test]
    fn hostile_archives_are_refused() {
        let file = |path| (EntryType::Regular, path, "", &b"x"[..]);
        let link = |path, target| (EntryType::Symlink, path, target, &b""[..]);
        let same = |path, target| (EntryType::Link, path, target, &b""[..]);
        let device = |kind| (kind, "device", "", &b""[..]);
        for (entries, expected) in [
            (vec![file("../outside/new")], "leads out of the cache"),
            (vec![file("a/../../outside/new")], "leads out of the cache"),
            (vec![file("/outside/new")], "is an absolute path"),
            (
                vec![link("l", "../outside"), file("l/new")],
                "can't be made",
            ),
            (
                vec![
                    link("l", "../outside"),
                    (EntryType::Directory, "l/d", "", b""),
                ],
                "can't be made",
            ),
            (
                vec![link("l", "../outside/file"), file("l")],
                "can't be made",
            ),
            (
                vec![link("l", "../outside/file"), same("s", "l")],
                "can't be made",
            ),
            (
                vec![link("l", "../outside"), same("s", "l/file")],
                "can't be made",
            ),
            (
                vec![same("s", "../outside/file")],
                "is a link to something that leads out of the cache",
            ),
            (
                vec![same("s", "/outside/file")],
                "is a link to something that is an absolute path",
            ),
            (vec![same("s", "missing")], "can't be made"),
            (
                vec![(EntryType::Directory, "d", "", b""), same("s", "d")],
                "can't be made",
            ),
            (vec![file("f"), file("f")], "can't be made"),
            (vec![file("f"), file("f/g")], "can't be made"),
            (vec![file(".")], "is the cache itself"),
            (vec![link("", "../outside")], "is the cache itself"),
            (
                vec![device(EntryType::Char)],
                "is no file, directory or link",
            ),
            (
                vec![device(EntryType::Block)],
                "is no file, directory or link",
            ),
            (
                vec![device(EntryType::Fifo)],
                "is no file, directory or link",
            ),
        ] {
            let error = refused(&entries);
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }

    #[test]
    fn what_takes_more_room_than_its_archive_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let mut bytes = archive(&[(EntryType::GNUSparse, "huge", "", b"")]);
        // One empty part at the end of a terabyte.
        let header = Header::from_byte_slice(&bytes[..512]);
        let mut header = header.clone();
        let sparse = header.as_gnu_mut().unwrap();
        sparse.sparse[0].set_offset(1 << 40);
        sparse.sparse[0].set_length(0);
        sparse.set_real_size(1 << 40);
        header.set_cksum();
        bytes[..512].copy_from_slice(header.as_bytes());
        let error = unpack(&*bytes, root.path()).unwrap_err().to_string();
        assert_eq!(error, "`huge` is no file, directory or link");

        // A size that the archive doesn't have.
        let mut bytes = archive(&[(EntryType::Regular, "huge", "", b"x")]);
        let mut header = Header::from_byte_slice(&bytes[..512]).clone();
        header.set_size(1 << 40);
        header.set_cksum();
        bytes[..512].copy_from_slice(header.as_bytes());
        let error = unpack(&*bytes, root.path()).unwrap_err().to_string();
        assert!(error.starts_with("`huge` can't be made: "), "{error}");
        assert!(fs::metadata(root.path().join("huge")).unwrap().len() < 10_000);
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let root = tempfile::tempdir().unwrap();
        for bytes in [&b"no archive at all"[..], &[0x1f; 2000], &[0; 100], &[]] {
            assert!(unpack(bytes, root.path()).is_err(), "{bytes:?}");
        }
        assert_eq!(unpack(&[0; 1024][..], root.path()).unwrap(), 0);
        // What is left when a download ends between two files.
        let whole = archive(&[(EntryType::Regular, "file", "", b"x")]);
        let error = unpack(&whole[..1024], root.path()).unwrap_err();
        assert_eq!(error.to_string(), "its end is missing");
    }

    #[test]
    fn what_was_packed_comes_back() {
        let root = tempfile::tempdir().unwrap();
        let [saved, cache] = ["saved", "cache"].map(|name| root.path().join(name));
        let long = "long-".repeat(40);
        fs::create_dir_all(saved.join(&long).join(&long)).unwrap();
        fs::create_dir(saved.join("closed")).unwrap();
        fs::write(saved.join("closed/file"), "content").unwrap();
        fs::write(saved.join(&long).join(&long).join("file"), "deep").unwrap();
        fs::write(saved.join("program"), vec![7; 100_000]).unwrap();
        fs::hard_link(saved.join("program"), saved.join("same")).unwrap();
        for (name, target) in [
            ("absolute", "/usr//bin/python"),
            ("up", "../../x"),
            ("far", &long),
        ] {
            symlink(target, saved.join(name)).unwrap();
        }
        let mode = |path: &Path, mode| fs::set_permissions(path, PermissionsExt::from_mode(mode));
        mode(&saved.join("program"), 0o4755).unwrap();
        mode(&saved.join("closed"), 0o2500).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_456_789);
        for path in [&saved.join("program"), &saved.join("closed"), &saved] {
            fs::File::open(path).unwrap().set_modified(time).unwrap();
        }
        let tar = root.path().join("archive.tar");
        pack(&saved, &tar).unwrap();
        fs::create_dir(&cache).unwrap();
        unpack(fs::File::open(&tar).unwrap(), &cache).unwrap();

        let again = root.path().join("again.tar");
        pack(&cache, &again).unwrap();
        assert!(fs::read(&tar).unwrap() == fs::read(&again).unwrap());
        let program = fs::metadata(cache.join("program")).unwrap();
        assert_eq!(program.mode() & 0o7777, 0o4755);
        assert_eq!(program.nlink(), 2);
        assert_eq!(
            (program.mtime(), program.mtime_nsec()),
            (1_000_000_000, 123_456_789)
        );
        assert_eq!(fs::metadata(&cache).unwrap().mtime(), 1_000_000_000);
        assert_eq!(
            fs::read_link(cache.join("absolute")).unwrap().as_os_str(),
            "/usr//bin/python"
        );
        mode(&saved.join("closed"), 0o700).unwrap();
        mode(&cache.join("closed"), 0o700).unwrap();
    }
}
