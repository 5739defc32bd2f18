//! Tar archives, read as a stream: nothing is written to disk, and everything except file content
//! takes little memory, whatever sizes the archive claims.

use std::io::{self, Read};

/// The maximum size of an extended header.
const MAX_RECORDS: u64 = 1 << 20;

/// The maximum length of a path, which is that of Linux.
const MAX_PATH: usize = 4096;

/// The size of a block in bytes.
const BLOCK: usize = 512;

/// The type of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Directory,
    /// A symbolic link.
    Symlink,
    /// A hard link.
    Link,
    /// A device, a pipe, or an unknown type.
    Other,
}

/// An entry, before its content.
#[derive(Debug)]
pub(super) struct Entry {
    /// The path, without a leading `/` or `./`; invalid UTF-8 is replaced.
    pub(super) path: String,
    pub(super) kind: Kind,
    /// The target of a link.
    pub(super) link: String,
    /// The size of the content that follows, in bytes.
    pub(super) size: u64,
}

/// An archive that is being read.
pub(super) struct Tar<R> {
    input: R,
    /// The remaining bytes of the entry's content, and of the blocks that it fills.
    left: u64,
    padding: u64,
    /// The position in the archive.
    at: u64,
}

impl<R: Read> Tar<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            left: 0,
            padding: 0,
            at: 0,
        }
    }

    /// Returns the underlying reader.
    pub(super) fn into_inner(self) -> R {
        self.input
    }

    /// Returns the position in the archive at which the entry's content begins.
    pub(super) fn position(&self) -> u64 {
        self.at
    }

    /// Advances to the next entry; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let (mut path, mut link, mut size) = (None, None, None);
        loop {
            self.skip()?;
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let mut length = number(&header[124..136])?;
            match header[156] {
                b'L' => path = Some(text(&self.short(length, MAX_PATH as u64 + 1)?)),
                b'K' => link = Some(text(&self.short(length, MAX_PATH as u64 + 1)?)),
                b'x' => {
                    for (key, value) in records(&self.short(length, MAX_RECORDS)?) {
                        match key.as_str() {
                            "path" => path = Some(value),
                            "linkpath" => link = Some(value),
                            "size" => size = value.parse().ok(),
                            _ => {}
                        }
                    }
                }
                b'g' => self.begin(length),
                kind => {
                    length = size.unwrap_or(length);
                    if (b'1'..=b'6').contains(&kind) {
                        // These have no content, whatever size they claim.
                        length = 0;
                    }
                    if kind == b'S' {
                        self.skip_map(&header)?;
                    }
                    let kind = match kind {
                        b'0' | 0 | b'7' => Kind::File,
                        b'1' => Kind::Link,
                        b'2' => Kind::Symlink,
                        b'5' => Kind::Directory,
                        _ => Kind::Other,
                    };
                    self.begin(length);
                    let path = path.unwrap_or_else(|| name(&header));
                    let link = link.unwrap_or_else(|| text(&header[157..257]));
                    if path.len().max(link.len()) > MAX_PATH {
                        return Err(broken("a name is too long"));
                    }
                    let path = path.trim_start_matches("./").trim_start_matches('/');
                    return Ok(Some(Entry {
                        path: path.trim_end_matches('/').to_owned(),
                        kind,
                        link,
                        size: length,
                    }));
                }
            }
        }
    }

    /// Skips the map of a sparse file, which is in separate blocks.
    fn skip_map(&mut self, header: &[u8; BLOCK]) -> io::Result<()> {
        let mut goes_on = header[482] != 0;
        while goes_on {
            let block = self.block()?;
            goes_on = block.ok_or_else(|| broken("it ends in a header"))?[504] != 0;
        }
        Ok(())
    }

    /// Reads a block; `None` at the end of the input.
    fn block(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.input.read(&mut block[filled..])? {
                0 if filled == 0 => return Ok(None),
                0 => return Err(broken("it ends in a header")),
                count => filled += count,
            }
        }
        self.at += BLOCK as u64;
        Ok(Some(block))
    }

    /// Reads a header; `None` at the end of the archive.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let Some(header) = self.block()? else {
            return Ok(None);
        };
        if header.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let sum: u64 = header
            .iter()
            .enumerate()
            .map(|(at, byte)| {
                u64::from(if (148..156).contains(&at) {
                    b' '
                } else {
                    *byte
                })
            })
            .sum();
        if number(&header[148..156])? != sum {
            return Err(broken("a header is damaged, or it is no archive"));
        }
        Ok(Some(header))
    }

    fn begin(&mut self, length: u64) {
        self.left = length;
        self.padding = (BLOCK as u64 - length % BLOCK as u64) % BLOCK as u64;
    }

    /// Reads the content of an entry that replaces a name.
    fn short(&mut self, length: u64, most: u64) -> io::Result<Vec<u8>> {
        if length > most {
            return Err(broken("a name is too long"));
        }
        self.begin(length);
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Skips the rest of an entry.
    fn skip(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink())?;
        let padding = self.padding;
        let skipped = io::copy(&mut (&mut self.input).take(padding), &mut io::sink())?;
        self.at += skipped;
        self.padding = 0;
        if skipped < padding {
            return Err(broken("it ends in an entry"));
        }
        Ok(())
    }
}

impl<R: Read> Read for Tar<R> {
    /// Reads the content of the entry.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.input.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(broken("it ends in an entry"));
        }
        self.left -= count as u64;
        self.at += count as u64;
        Ok(count)
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("a broken archive: {what}"),
    )
}

/// Parses a number: octal, or binary if its first bit is set.
fn number(field: &[u8]) -> io::Result<u64> {
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        let sum = rest.iter().try_fold(0, |sum: u64, byte| {
            Some(sum.checked_mul(256)? | u64::from(*byte))
        });
        let sum = sum.filter(|_| *first == 0x80);
        return sum.ok_or_else(|| broken("a number is too large"));
    }
    let digits = text(field);
    let digits = digits.trim();
    if digits.is_empty() {
        return Ok(0);
    }
    u64::from_str_radix(digits, 8).map_err(|_| broken("a number is none"))
}

/// Returns the bytes up to a zero.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&field[..end.unwrap_or(field.len())]).into_owned()
}

/// Returns the name in a header, including its prefix.
fn name(header: &[u8; BLOCK]) -> String {
    let name = text(&header[..100]);
    let prefix = text(&header[345..500]);
    if &header[257..262] == b"ustar" && !prefix.is_empty() {
        format!("{prefix}/{name}")
    } else {
        name
    }
}

/// Parses the records of an extended header: `LENGTH KEY=VALUE`, one per line.
fn records(bytes: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length = text(&rest[..space]).parse::<usize>().unwrap_or(0);
        let Some(record) = rest.get(space + 1..length) else {
            break;
        };
        let record = String::from_utf8_lossy(record);
        if let Some((key, value)) = record.trim_end_matches('\n').split_once('=') {
            found.push((key.to_owned(), value.to_owned()));
        }
        rest = &rest[length..];
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Creates an archive with files; names with a trailing `/` are directories.
    pub(in super::super) fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = Vec::new();
        for (path, content) in files {
            if path.len() > 100 {
                entry(&mut archive, "././@LongLink", b'L', path.as_bytes());
            }
            let short = &path[..path.len().min(100)];
            let kind = if path.ends_with('/') { b'5' } else { b'0' };
            entry(&mut archive, short, kind, content);
        }
        archive.extend([0; 2 * BLOCK]);
        archive
    }

    /// Adds an entry to an archive.
    pub(in super::super) fn entry(archive: &mut Vec<u8>, path: &str, kind: u8, content: &[u8]) {
        let mut header = [0; BLOCK];
        header[..path.len()].copy_from_slice(path.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = kind;
        header[257..262].copy_from_slice(b"ustar");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend(content);
        archive.extend(vec![0; (BLOCK - content.len() % BLOCK) % BLOCK]);
    }

    /// Adds a link to an archive, symbolic (`2`) or hard (`1`).
    pub(in super::super) fn link(archive: &mut Vec<u8>, path: &str, kind: u8, to: &str) {
        entry(archive, "././@LongLink", b'K', to.as_bytes());
        entry(archive, path, kind, b"");
    }

    fn paths(bytes: &[u8]) -> io::Result<Vec<String>> {
        let mut tar = Tar::new(bytes);
        let mut paths = Vec::new();
        while let Some(entry) = tar.next()? {
            paths.push(format!("{} {}", entry.path, entry.size));
        }
        Ok(paths)
    }

    #[test]
    fn entries_are_read_with_long_names() {
        let long = "d/".repeat(100) + "f";
        let bytes = archive(&[("./a", b"one"), ("b/", b""), (&long, &[7; 1000])]);
        assert_eq!(
            paths(&bytes).unwrap(),
            ["a 3", "b 0", &format!("{long} 1000")]
        );
        let mut extended = Vec::new();
        entry(&mut extended, "x", b'x', b"11 path=q\n\n");
        entry(&mut extended, "short", b'0', b"12");
        assert_eq!(paths(&extended).unwrap(), ["q 2"]);
    }

    #[test]
    fn numbers_are_octal_or_binary() {
        for (field, expected) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"        ", Some(0)),
            (b"", Some(0)),
            (b"\x80\0\0\0\0\0\x01\x02", Some(258)),
            (
                b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
                Some(u64::MAX),
            ),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
            (b"\x81\0\0\0\0\0\0\0", None),
            (&[0xff; 8], None),
            (b"9", None),
        ] {
            assert_eq!(number(field).ok(), expected, "{field:?}");
        }
    }

    #[test]
    fn what_has_content_is_left_out_with_it() {
        let mut bytes = Vec::new();
        entry(&mut bytes, "holes", b'S', &[7; 700]);
        link(&mut bytes, "soft", b'2', "holes");
        let at = bytes.len();
        entry(&mut bytes, "more-holes", b'S', &[7; 5]);
        // Its map continues in a second block.
        bytes[at + 482] = 1;
        let header = &mut bytes[at..at + BLOCK];
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        bytes.splice(at + BLOCK..at + BLOCK, [0; BLOCK]);
        entry(&mut bytes, "last", b'0', b"x");
        assert_eq!(
            paths(&bytes).unwrap(),
            ["holes 700", "soft 0", "more-holes 5", "last 1"]
        );
    }

    #[test]
    fn what_is_broken_or_lies_ends_with_an_error() {
        let whole = archive(&[("a", b"one")]);
        for end in [1, 511, 513, 1000] {
            assert!(paths(&whole[..end]).is_err(), "{end}");
        }
        let mut damaged = whole.clone();
        damaged[0] = b'b';
        assert!(paths(&damaged).is_err());
        // A name with an impossible size.
        let mut lie = Vec::new();
        entry(&mut lie, "x", b'L', b"");
        lie[124..135].copy_from_slice(b"77777777777");
        lie[148..156].fill(b' ');
        let sum: u32 = lie[..BLOCK].iter().map(|byte| u32::from(*byte)).sum();
        lie[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        assert!(paths(&lie).unwrap_err().to_string().contains("too long"));
        for odd in [&b"9 path=x"[..], b"0 ", b"99999 a=b", b" ", b"3 =", b"x"] {
            _ = records(odd);
        }
        assert!(paths(&[b'x'; 2000]).is_err());
        assert!(paths(&[0xff; 1024]).is_err());
        // A name that no system accepts.
        let mut long = Vec::new();
        entry(&mut long, "x", b'L', &[b'a'; MAX_PATH + 1]);
        entry(&mut long, "short", b'0', b"");
        assert!(paths(&long).unwrap_err().to_string().contains("too long"));
    }
}
