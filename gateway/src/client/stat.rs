//! File metadata.

use std::collections::BTreeMap;

use buildkit_proto::stat as wire;
use bytes::Bytes;

/// The type bits of Go's `os.FileMode` (`fs.ModeDir` and so on).
mod go {
    pub(super) const DIRECTORY: u32 = 1 << 31;
    pub(super) const SYMLINK: u32 = 1 << 27;
    pub(super) const DEVICE: u32 = 1 << 26;
    pub(super) const NAMED_PIPE: u32 = 1 << 25;
    pub(super) const SOCKET: u32 = 1 << 24;
    pub(super) const SETUID: u32 = 1 << 23;
    pub(super) const SETGID: u32 = 1 << 22;
    pub(super) const CHARACTER_DEVICE: u32 = 1 << 21;
    pub(super) const STICKY: u32 = 1 << 20;
    pub(super) const IRREGULAR: u32 = 1 << 19;
}

/// The metadata of a file, directory or link of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stat {
    /// The path; in a listing, only the file name.
    pub path: String,
    /// The type of the file.
    pub kind: FileKind,
    /// The permissions as in `chmod(2)`, including the set-user-ID, set-group-ID and sticky bits.
    pub permissions: u32,
    /// The numeric ID of the owner.
    pub uid: u32,
    /// The numeric ID of the group.
    pub gid: u32,
    /// The size in bytes.
    pub size: u64,
    /// The time of the last change, in nanoseconds since 1970.
    pub modified: i64,
    /// The target of a symbolic link.
    pub link: String,
    /// The major number of a device.
    pub device_major: i64,
    /// The minor number of a device.
    pub device_minor: i64,
    /// Extended attributes.
    pub xattrs: BTreeMap<String, Bytes>,
}

/// The type of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A regular file.
    #[default]
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    NamedPipe,
    /// A socket.
    Socket,
    /// None of these.
    Irregular,
}

impl Stat {
    /// Reports whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.kind == FileKind::Directory
    }

    pub(crate) fn from_wire(stat: wire::Stat) -> Self {
        Self {
            path: stat.path,
            kind: FileKind::from_go(stat.mode),
            permissions: permissions_from_go(stat.mode),
            uid: stat.uid,
            gid: stat.gid,
            size: u64::try_from(stat.size).unwrap_or(0),
            modified: stat.mod_time,
            link: stat.linkname,
            device_major: stat.devmajor,
            device_minor: stat.devminor,
            xattrs: stat.xattrs,
        }
    }
}

impl FileKind {
    fn from_go(mode: u32) -> Self {
        let kinds = [
            (go::DIRECTORY, Self::Directory),
            (go::SYMLINK, Self::Symlink),
            (go::CHARACTER_DEVICE, Self::CharacterDevice),
            (go::DEVICE, Self::BlockDevice),
            (go::NAMED_PIPE, Self::NamedPipe),
            (go::SOCKET, Self::Socket),
            (go::IRREGULAR, Self::Irregular),
        ];
        let kind = kinds.into_iter().find(|(bit, _)| mode & bit != 0);
        kind.map_or(Self::Regular, |(_, kind)| kind)
    }
}

fn permissions_from_go(mode: u32) -> u32 {
    let special = [
        (go::SETUID, 0o4000),
        (go::SETGID, 0o2000),
        (go::STICKY, 0o1000),
    ];
    let special = special.into_iter().filter(|(bit, _)| mode & bit != 0);
    special.fold(mode & 0o777, |permissions, (_, bit)| permissions | bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_those_of_go() {
        let cases = [
            (0o644, FileKind::Regular, 0o644),
            (
                go::DIRECTORY | go::STICKY | 0o777,
                FileKind::Directory,
                0o1777,
            ),
            (go::SYMLINK | 0o777, FileKind::Symlink, 0o777),
            (
                go::DEVICE | go::CHARACTER_DEVICE | 0o600,
                FileKind::CharacterDevice,
                0o600,
            ),
            (go::DEVICE | 0o660, FileKind::BlockDevice, 0o660),
            (go::SETUID | go::SETGID | 0o755, FileKind::Regular, 0o6755),
            (go::NAMED_PIPE, FileKind::NamedPipe, 0),
            (go::SOCKET, FileKind::Socket, 0),
            (go::IRREGULAR, FileKind::Irregular, 0),
        ];
        for (mode, kind, permissions) in cases {
            let stat = Stat::from_wire(wire::Stat {
                mode,
                ..wire::Stat::default()
            });
            assert_eq!(
                (stat.kind, stat.permissions),
                (kind, permissions),
                "{mode:o}"
            );
        }
    }
}
