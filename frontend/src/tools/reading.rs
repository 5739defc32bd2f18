//! Reading of files for the command line.
//!
//! `stagefile` may be run anywhere, for example in an untrusted checkout. So a path must lead to a regular file of a
//! reasonable size, which is checked before anything is read; a pipe or a device could be read forever. And it must not lead
//! out of the intended directories, since errors show lines of what was read.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use stagefile_language::syntax::tree::MAX_BYTES;

/// The maximum size of a file, in bytes.
const LIMIT: u64 = MAX_BYTES as u64;

/// The reason why a file can't be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// It doesn't exist.
    Missing,
    /// It leads to a file outside of the allowed directories.
    Outside(PathBuf),
    /// It is a directory, a pipe, a device or a socket.
    NoFile(&'static str),
    /// It exceeds the size limit.
    TooLarge,
    /// An error of the operating system.
    Other(io::Error),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("there is no such file"),
            Self::Outside(real) => write!(
                formatter,
                "it leads to {}, outside of its directory and of the build context; a build can't read it either",
                real.display()
            ),
            Self::NoFile(kind) => write!(formatter, "it is {kind}, not a file"),
            Self::TooLarge => write!(formatter, "it has more than {LIMIT} bytes"),
            Self::Other(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Unreadable {}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Other(error),
        }
    }
}

/// Reads a file that the user names: it must be in its directory or in the context, after resolving links.
pub(crate) fn read(path: &Path, context: &Path) -> Result<Vec<u8>, Unreadable> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    read_inside(path, &[parent.unwrap_or(Path::new(".")), context])
}

/// Reads a file in one of these directories.
pub(crate) fn read_inside(path: &Path, directories: &[&Path]) -> Result<Vec<u8>, Unreadable> {
    let real = fs::canonicalize(path)?;
    let is_inside = |directory: &&Path| {
        fs::canonicalize(directory).is_ok_and(|directory| real.starts_with(directory))
    };
    // A pipe or a device is reported as such, wherever it is.
    regular(&fs::metadata(&real)?)?;
    if !directories.iter().any(is_inside) {
        return Err(Unreadable::Outside(real));
    }
    // The file may have been replaced since: opening a pipe must not block, and the open file is checked again.
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(&real)?;
    regular(&file.metadata()?)?;
    read_all(file)
}

/// Reads standard input, whose size isn't known in advance.
pub(crate) fn read_standard_input() -> Result<Vec<u8>, Unreadable> {
    read_all(io::stdin().lock())
}

fn read_all(input: impl Read) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    input.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(Unreadable::TooLarge);
    }
    Ok(bytes)
}

/// Refuses anything that isn't a regular file, and files that are too large.
fn regular(metadata: &fs::Metadata) -> Result<(), Unreadable> {
    use std::os::unix::fs::FileTypeExt;

    let kind = metadata.file_type();
    if metadata.is_dir() {
        return Err(Unreadable::NoFile("a directory"));
    }
    if kind.is_fifo() {
        return Err(Unreadable::NoFile("a pipe"));
    }
    if kind.is_socket() {
        return Err(Unreadable::NoFile("a socket"));
    }
    if !metadata.is_file() {
        return Err(Unreadable::NoFile("a device"));
    }
    if metadata.len() > LIMIT {
        return Err(Unreadable::TooLarge);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn reason(path: &Path, context: &Path) -> String {
        match read(path, context) {
            Ok(bytes) => format!("{} bytes", bytes.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_files_of_a_size_inside_of_what_was_meant_are_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let (inside, outside) = (directory.path().join("in"), directory.path().join("out"));
        for (path, content) in [
            ("in/sub/file", "four"),
            ("in/file", "three"),
            ("out/secret", "key"),
        ] {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
            fs::write(path, content).expect("a file");
        }
        for (link, target) in [
            ("sub/up", "../file"),
            ("away", "../out/secret"),
            ("directory", "../out"),
            ("zero", "/dev/zero"),
            ("nowhere", "none"),
            ("loop", "loop"),
        ] {
            symlink(target, inside.join(link)).expect("a link");
        }
        let large = fs::File::create(inside.join("large")).expect("a file");
        large.set_len(LIMIT + 1).expect("a size");
        let (kind, mode) = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR);
        rustix::fs::mknodat(rustix::fs::CWD, inside.join("pipe"), kind, mode, 0).expect("a pipe");
        for (path, expected) in [
            ("file", "5 bytes"),
            ("sub/file", "4 bytes"),
            // A link within the context.
            ("sub/up", "5 bytes"),
            ("away", "outside of"),
            ("pipe", "it is a pipe"),
            ("zero", "it is a device"),
            ("sub", "it is a directory"),
            ("large", "more than 4194304 bytes"),
            ("none", "there is no such file"),
            ("nowhere", "there is no such file"),
            ("loop", "symbolic link"),
        ] {
            let reason = reason(&inside.join(path), &inside);
            assert!(reason.contains(expected), "{path}: {reason}");
        }
        // A directory given by the user is always allowed; one given in a file isn't.
        assert_eq!(reason(&outside.join("secret"), &inside), "3 bytes");
        let by_link = inside.join("directory/secret");
        assert_eq!(reason(&by_link, &inside), "3 bytes");
        let imported = read_inside(&by_link, &[&inside]);
        assert!(
            matches!(imported, Err(Unreadable::Outside(_))),
            "{imported:?}"
        );
    }
}
