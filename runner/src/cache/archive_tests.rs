//! Tests with our own archives, damaged archives, and malicious archives.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt, symlink};
use std::path::Path;

use tar::{Builder, EntryType, Header};

use super::pack::pack;
use super::unpack::UnpackError;

/// Reads an archive without additional ones.
fn unpack(archive: impl std::io::Read, root: &Path) -> Result<u64, UnpackError> {
    super::unpack::unpack(archive, root, |_| Err(std::io::ErrorKind::NotFound.into()))
}

/// An entry: type, path, link target and content.
type ArchiveEntry<'a> = (EntryType, &'a str, &'a str, &'a [u8]);

/// Creates an archive with any names.
fn archive(entries: &[ArchiveEntry<'_>]) -> Vec<u8> {
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

/// Reads an archive into a directory next to another one, which must not be changed.
fn refused(entries: &[ArchiveEntry<'_>]) -> String {
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
    // An empty part at the end of a terabyte.
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
    // The result of a download that ends between two files.
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
    pack(&saved, 1, |_| tar.clone(), None).unwrap();
    fs::create_dir(&cache).unwrap();
    unpack(fs::File::open(&tar).unwrap(), &cache).unwrap();

    let again = root.path().join("again.tar");
    pack(&cache, 1, |_| again.clone(), None).unwrap();
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

#[test]
fn what_was_packed_into_several_archives_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let [saved, cache] = ["saved", "cache"].map(|name| root.path().join(name));
    fs::create_dir_all(saved.join("directory")).unwrap();
    for number in 0..200_u8 {
        fs::write(
            saved.join(format!("directory/{number}")),
            vec![number; 50_000],
        )
        .unwrap();
    }
    fs::hard_link(saved.join("directory/7"), saved.join("same")).unwrap();
    let first = root.path().join("archive.tar");
    let archive = |part| super::parts::beside(&first, part);
    let (_, parts) = pack(&saved, 8, archive, None).unwrap();
    assert!(parts.len() > 3, "{parts:?}");
    let open = |part| fs::File::open(archive(part));
    fs::create_dir(&cache).unwrap();
    let entries = super::unpack::unpack(open(0).unwrap(), &cache, open).unwrap();
    assert_eq!(entries, 202);
    let inode = |name: &str| fs::metadata(cache.join(name)).unwrap().ino();
    assert_eq!(inode("same"), inode("directory/7"));
    for number in 0..200_u8 {
        let file = fs::read(cache.join(format!("directory/{number}"))).unwrap();
        assert_eq!(file, vec![number; 50_000]);
    }

    // If one is missing, the others must not be taken for everything.
    fs::remove_file(archive(parts[1])).unwrap();
    let other = root.path().join("other");
    fs::create_dir(&other).unwrap();
    let error = super::unpack::unpack(open(0).unwrap(), &other, open).unwrap_err();
    let expected = format!("part {} of it can't be read: ", parts[1]);
    assert!(error.to_string().starts_with(&expected), "{error}");
}
