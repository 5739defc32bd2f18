//! Reading of an archive into a directory. The archive may be malicious: nothing is created outside of the directory, nothing
//! that takes more space than the archive, and no devices.

use std::fmt;
use std::io::{self, Read};
use std::mem;
use std::path::Path;

use rustix::fs::Timespec;
use tar::{Archive, Entries, Entry, EntryType};

use super::MAX_PARTS;
use super::archive::{TIME, read_time};
use super::directory::{Attributes, Directory, Inside};
use super::parts::{self, RECORD};

/// The maximum length of a record about an archive that is read.
const MAX_NOTE_LENGTH: u64 = 4096;
/// The block size of archives.
const BLOCK: u64 = 512;

/// The reason why an archive can't be read.
#[derive(Debug)]
pub(super) enum UnpackError {
    /// The archive or the disk is damaged.
    Io(io::Error),
    /// The archive is truncated.
    CutOff,
    /// An additional archive, given by its number, can't be read.
    Part(usize, io::Error),
    /// An entry can't be created: its path, and what is wrong with it.
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
            Self::Part(part, error) => {
                write!(formatter, "part {part} of it can't be read: {error}")
            }
            Self::CutOff => formatter.write_str("its end is missing"),
            Self::Entry(path, what) => write!(formatter, "`{path}` {what}"),
        }
    }
}

/// Reads an archive into an empty directory that nobody else uses, and its additional archives, which `open` opens by number.
/// Returns the number of files, directories and links.
pub(super) fn unpack<R: Read>(
    archive: R,
    root: &Path,
    mut open: impl FnMut(usize) -> io::Result<R>,
) -> Result<u64, UnpackError> {
    let mut unpacking = Unpacking {
        directory: Directory::open(root)?,
        directories: Vec::new(),
        others: Vec::new(),
        entries: 0,
    };
    unpacking.archive(archive)?;
    for part in mem::take(&mut unpacking.others) {
        let archive = open(part).map_err(|error| UnpackError::Part(part, error))?;
        unpacking.archive(archive)?;
    }
    // Creating files in a directory changes its time.
    for (path, attributes) in unpacking.directories.iter().rev() {
        unpacking.directory.finish(path, *attributes)?;
    }
    Ok(unpacking.entries)
}

/// Counts the bytes that are read.
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
    /// Directories, whose attributes are set last.
    directories: Vec<(Inside, Attributes)>,
    /// The additional archives.
    others: Vec<usize>,
    entries: u64,
}

impl Unpacking {
    /// Creates everything in an archive.
    fn archive(&mut self, archive: impl Read) -> Result<(), UnpackError> {
        let mut archive = Archive::new(Counted {
            inner: archive,
            count: 0,
        });
        let end = self.all(&mut archive.entries()?)?;
        // An archive ends with empty blocks, but the library accepts a file without them.
        if archive.into_inner().count < end + BLOCK {
            return Err(UnpackError::CutOff);
        }
        Ok(())
    }

    /// Creates everything. Returns the end of the last entry.
    fn all<R: Read>(&mut self, entries: &mut Entries<'_, R>) -> Result<u64, UnpackError> {
        let mut end = 0;
        for entry in entries {
            let mut entry = entry?;
            end = entry.raw_file_position() + entry.size().next_multiple_of(BLOCK);
            // Records about the whole archive.
            if entry.header().entry_type() == EntryType::XGlobalHeader {
                self.note(&mut entry)?;
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

    /// Reads the list of additional archives.
    fn note<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> io::Result<()> {
        let mut text = String::new();
        entry.take(MAX_NOTE_LENGTH).read_to_string(&mut text)?;
        let mut records = text.lines().filter_map(|line| line.split_once(RECORD));
        let others = records.find_map(|(_, value)| parts::read(value.strip_prefix('=')?));
        self.others
            .extend(others.into_iter().flatten().take(MAX_PARTS));
        Ok(())
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
