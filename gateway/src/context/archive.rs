//! Detection of archives by their first bytes.

/// The number of bytes needed for the detection.
pub(super) const PROBE: u64 = 1024;

/// The size of a header in a tar archive.
const HEADER: usize = 512;

/// The position of the header's checksum.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Reports whether a file that begins with these bytes is an archive that BuildKit unpacks: tar,
/// plain or compressed. The content of a compressed file isn't checked.
pub(super) fn is_archive(start: &[u8]) -> bool {
    const BZIP2: &[u8] = b"BZh";
    const GZIP: &[u8] = &[0x1f, 0x8b, 0x08];
    const XZ: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];
    [BZIP2, GZIP, XZ]
        .iter()
        .any(|magic| start.starts_with(magic))
        || is_tar(start)
}

/// Verifies the checksum of the first header, which even the oldest archives have.
fn is_tar(start: &[u8]) -> bool {
    let Some(header) = start.get(..HEADER) else {
        return false;
    };
    let expected = header[CHECKSUM]
        .trim_ascii()
        .split(|&byte| byte == 0 || byte == b' ')
        .next();
    let expected = expected.and_then(|digits| str::from_utf8(digits).ok());
    let expected = expected.and_then(|digits| i64::from_str_radix(digits.trim(), 8).ok());
    // The checksum itself counts as spaces. Some programs summed up signed bytes.
    let bytes = header.iter().enumerate();
    let bytes = bytes.map(|(at, &byte)| if CHECKSUM.contains(&at) { b' ' } else { byte });
    let unsigned: i64 = bytes.clone().map(i64::from).sum();
    let signed: i64 = bytes.map(|byte| i64::from(byte.cast_signed())).sum();
    expected.is_some_and(|expected| expected == unsigned || expected == signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header as written by `tar`, for an empty file with this name.
    fn header(name: &str) -> Vec<u8> {
        let mut header = vec![0; HEADER];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[CHECKSUM].fill(b' ');
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        header
    }

    /// The same by a program that summed up signed bytes.
    fn signed(name: &str) -> Vec<u8> {
        let mut header = header(name);
        header[CHECKSUM].fill(b' ');
        let sum: i32 = header
            .iter()
            .map(|byte| i32::from(byte.cast_signed()))
            .sum();
        header[CHECKSUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        header
    }

    #[test]
    fn archives_are_told_from_other_files() {
        assert!(is_archive(b"BZh9..."));
        assert!(is_archive(&[0x1f, 0x8b, 8, 0]));
        assert!(is_archive(&[0xfd, b'7', b'z', b'X', b'Z', 0]));
        assert!(is_archive(&header("a.txt")));
        assert!(is_archive(&header("ümläut")));
        assert!(is_archive(&signed("ümläut")));
        assert!(!is_archive(&header("a.txt")[..500]));
        assert!(!is_archive(b""));
        assert!(!is_archive(b"FROM scratch\n"));
        assert!(!is_archive(&[0; 2 * HEADER]));
        let mut broken = header("a.txt");
        broken[0] = b'b';
        assert!(!is_archive(&broken));
    }
}
