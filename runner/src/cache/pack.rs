//! Writing of a directory as an archive. Others may use the directory at the same time.

use std::collections::HashMap;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Read as _};
use std::mem;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{OFlags, Timespec, Timestamps, futimens};
use rustix::io::Errno;
use tar::{Builder, EntryType, Header};

use super::archive::{ROOT, TIME, write_time};
use super::limits::{Time, time};
use super::newness::names;
use super::parts::{self, Listed, RECORD, divide};
use super::staging::STAGING;

/// The number of bytes that are written at once.
const BUFFER: usize = 256 << 10;
/// The maximum length of a link target that fits into a header.
const SHORT: usize = 100;

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Packed {
    entries: u64,
    bytes: u64,
    /// Sockets, pipes and devices, which are useless elsewhere.
    skipped: u64,
}

impl Packed {
    /// Counts a file of this size, if it still existed.
    fn add(&mut self, file: Option<u64>) {
        self.entries += u64::from(file.is_some());
        self.bytes += file.unwrap_or_default();
    }
}

impl fmt::Display for Packed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, bytes, .. } = self;
        write!(
            formatter,
            "saved {entries} files, directories and links with {bytes} bytes"
        )?;
        match self.skipped {
            0 => Ok(()),
            skipped => write!(formatter, ", without {skipped} sockets, pipes and devices"),
        }
    }
}

/// Writes a directory with all of its content, so that the same files result in the same archives: one, and as many additional
/// ones as are useful. Files that disappear while the directory is read are left out, and so are files that weren't written after
/// a given time. `archive` returns the path of each. Returns the numbers of the archives that were created.
pub(super) fn pack(
    root: &Path,
    archives: usize,
    archive: impl Fn(usize) -> PathBuf,
    after: Option<Time>,
) -> io::Result<(Packed, Vec<usize>)> {
    let mut packing = Packing {
        root,
        first: Part::create(&archive(0))?,
        files: Vec::new(),
        after,
        packed: Packed::default(),
    };
    packing
        .first
        .directory(Path::new(ROOT), &fs::metadata(root)?)?;
    let mut pending = vec![packing.inside(Path::new(""))?];
    while let Some(directory) = pending.last_mut() {
        match directory.pop() {
            None => _ = pending.pop(),
            Some(path) => {
                if packing.add(&path)? {
                    pending.push(packing.inside(&path)?);
                }
            }
        }
    }
    let mut divided = divide(mem::take(&mut packing.files), archives).into_iter();
    for file in divided.next().into_iter().flatten() {
        packing.packed.add(packing.first.listed(root, &file)?);
    }
    let mut made = Vec::new();
    for (number, files) in divided.enumerate().filter(|(_, files)| !files.is_empty()) {
        let number = number + 1;
        let mut part = Part::create(&archive(number))?;
        for file in files {
            packing.packed.add(part.listed(root, &file)?);
        }
        part.finish()?;
        made.push(number);
    }
    packing.first.note(&made)?;
    packing.first.finish()?;
    made.insert(0, 0);
    Ok((packing.packed, made))
}

struct Packing<'a> {
    root: &'a Path,
    /// The archive with everything that isn't a file.
    first: Part,
    /// Files, which are written later.
    files: Vec<Listed>,
    /// Older files are left out.
    after: Option<Time>,
    packed: Packed,
}

impl Packing<'_> {
    /// Returns the paths in a directory, the last one first.
    fn inside(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let names = match names(&self.root.join(directory)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            names => names?,
        };
        let is_root = directory.as_os_str().is_empty();
        let names = names.into_iter().rev();
        Ok(names
            .filter(|name| !is_root || name != STAGING)
            .map(|name| directory.join(name))
            .collect())
    }

    /// Adds the file at a path. Returns whether it is a directory.
    fn add(&mut self, path: &Path) -> io::Result<bool> {
        match self.add_present(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            added => added,
        }
    }

    fn add_present(&mut self, path: &Path) -> io::Result<bool> {
        let full = self.root.join(path);
        let metadata = fs::symlink_metadata(&full)?;
        let kind = metadata.file_type();
        if kind.is_dir() {
            self.first.directory(path, &metadata)?;
            self.packed.entries += 1;
            return Ok(true);
        }
        if kind.is_file() {
            if self.after.is_some_and(|after| time(&metadata) <= after) {
                return Ok(false);
            }
            let identity = (metadata.dev(), metadata.ino());
            self.files.push(Listed {
                path: path.to_owned(),
                time: time(&metadata),
                size: metadata.len(),
                identity: (metadata.nlink() > 1).then_some(identity),
            });
        } else if kind.is_symlink() {
            let target = fs::read_link(&full)?;
            self.first
                .link(path, &metadata, EntryType::Symlink, &target)?;
            self.packed.entries += 1;
        } else {
            self.packed.skipped += 1;
        }
        Ok(false)
    }
}

/// An archive that is being written.
struct Part {
    builder: Builder<BufWriter<File>>,
    /// Files with several names: the first name of each.
    linked: HashMap<(u64, u64), PathBuf>,
    /// The latest time of anything in it, since 1970.
    newest: Time,
}

impl Part {
    fn create(path: &Path) -> io::Result<Self> {
        let writer = BufWriter::with_capacity(BUFFER, File::create(path)?);
        Ok(Self {
            builder: Builder::new(writer),
            linked: HashMap::new(),
            newest: (0, 0),
        })
    }

    /// Finishes the archive, and sets its time to that of the newest content: as a layer of an image, it must be identical as
    /// long as its bytes are.
    fn finish(self) -> io::Result<()> {
        let file = self.builder.into_inner()?.into_inner()?;
        let (tv_sec, tv_nsec) = self.newest;
        let time = Timespec { tv_sec, tv_nsec };
        let times = Timestamps {
            last_access: time,
            last_modification: time,
        };
        Ok(futimens(&file, &times)?)
    }

    /// Records the additional archives.
    fn note(&mut self, others: &[usize]) -> io::Result<()> {
        if others.is_empty() {
            return Ok(());
        }
        let record = format!(" {RECORD}={}\n", parts::write(others));
        // The length includes itself.
        let digits = if record.len() < 98 { 2 } else { 3 };
        let record = format!("{}{record}", record.len() + digits);
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::XGlobalHeader);
        header.set_path("pax_global_header")?;
        header.set_mode(0o644);
        header.set_size(record.len() as u64);
        header.set_cksum();
        self.builder.append(&header, record.as_bytes())
    }

    /// Adds a file that was found before. Returns its size; `None` if it has disappeared.
    fn listed(&mut self, root: &Path, file: &Listed) -> io::Result<Option<u64>> {
        let path = file.path.as_path();
        let mut added = || {
            let full = root.join(path);
            if let Some(identity) = file.identity {
                if let Some(first) = self.linked.get(&identity) {
                    let first = first.clone();
                    self.link(path, &fs::symlink_metadata(&full)?, EntryType::Link, &first)?;
                    return Ok(Some(0));
                }
                let size = self.file(path, &full)?;
                if size.is_some() {
                    self.linked.insert(identity, path.to_owned());
                }
                return Ok(size);
            }
            self.file(path, &full)
        };
        match added() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            added => added,
        }
    }

    fn directory(&mut self, path: &Path, metadata: &Metadata) -> io::Result<()> {
        let mut header = self.begin(metadata, EntryType::Directory)?;
        self.builder.append_data(&mut header, path, io::empty())
    }

    fn file(&mut self, path: &Path, full: &Path) -> io::Result<Option<u64>> {
        // By now it may be a link, or a pipe without a writer.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(flags.bits().cast_signed());
        let file = match options.open(full) {
            Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                return Ok(None);
            }
            file => file?,
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let size = metadata.len();
        let mut header = self.begin(&metadata, EntryType::Regular)?;
        header.set_size(size);
        // A file that is truncated at the same time must not make the rest unreadable.
        let content = file.chain(io::repeat(0)).take(size);
        self.builder.append_data(&mut header, path, content)?;
        Ok(Some(size))
    }

    fn link(
        &mut self,
        path: &Path,
        metadata: &Metadata,
        kind: EntryType,
        target: &Path,
    ) -> io::Result<()> {
        let mut header = self.begin(metadata, kind)?;
        // Byte for byte; a target that is too long for the header is written that way anyway.
        if target.as_os_str().len() <= SHORT {
            header.set_link_name_literal(target.as_os_str().as_bytes())?;
            self.builder.append_data(&mut header, path, io::empty())
        } else {
            self.builder.append_link(&mut header, path, target)
        }
    }

    /// Creates the header of a file, and writes what doesn't fit into it before: compilers distinguish files by fractions of a
    /// second in their times.
    fn begin(&mut self, metadata: &Metadata, kind: EntryType) -> io::Result<Header> {
        self.newest = self.newest.max(time(metadata));
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(0);
        header.set_mode(metadata.mode() & 0o7777);
        header.set_uid(metadata.uid().into());
        header.set_gid(metadata.gid().into());
        let seconds = metadata.mtime();
        header.set_mtime(u64::try_from(seconds).unwrap_or_default());
        if seconds < 0 || metadata.mtime_nsec() != 0 {
            let time = write_time(seconds, metadata.mtime_nsec());
            self.builder
                .append_pax_extensions([(TIME, time.as_bytes())])?;
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_make_the_same_archive() {
        let root = tempfile::tempdir().unwrap();
        let make = |name: &str, order: [&str; 3]| {
            let directory = root.path().join(name);
            fs::create_dir(&directory).unwrap();
            for file in order {
                fs::write(directory.join(file), file).unwrap();
                let file = File::options().append(true).open(directory.join(file));
                file.unwrap()
                    .set_modified(std::time::SystemTime::UNIX_EPOCH)
                    .unwrap();
            }
            let time = File::open(&directory).unwrap();
            time.set_modified(std::time::SystemTime::UNIX_EPOCH)
                .unwrap();
            let archive = root.path().join(format!("{name}.tar"));
            pack(&directory, 1, |_| archive.clone(), None).unwrap();
            let time = fs::metadata(&archive).unwrap().modified().unwrap();
            assert_eq!(time, std::time::SystemTime::UNIX_EPOCH);
            fs::read(archive).unwrap()
        };
        let first = make("first", ["a", "b", "c"]);
        assert_eq!(first, make("second", ["c", "a", "b"]));
    }

    #[test]
    fn what_is_being_imported_and_pipes_stay_out() {
        let root = tempfile::tempdir().unwrap();
        let cache = root.path().join("cache");
        fs::create_dir_all(cache.join(STAGING)).unwrap();
        fs::create_dir_all(cache.join("inner").join(STAGING)).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(cache.join("socket"));
        drop(socket.unwrap());
        let archive = root.path().join("archive.tar");
        let (packed, _) = pack(&cache, 1, |_| archive.clone(), None).unwrap();
        assert_eq!(
            packed.to_string(),
            "saved 2 files, directories and links with 0 bytes, without 1 sockets, pipes and devices"
        );
    }
}
