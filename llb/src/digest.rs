//! The identity of an operation.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The SHA-256 of an operation's encoded bytes, which identifies the operation.
///
/// It is written as `sha256:` and 64 lower-case hexadecimal digits. Other operations, metadata and source
/// locations refer to the operation by it, and the daemon names the vertex by it in progress and errors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// The error returned when a text is not a SHA-256 digest: it doesn't consist of the prefix `sha256:` and
/// exactly 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a digest: expected `sha256:` and 64 lower-case hexadecimal digits")]
pub struct DigestError {
    /// The text that was read.
    pub text: String,
}

/// The length of a digest's text in bytes.
pub(crate) const TEXT_LENGTH: usize = "sha256:".len() + 64;

impl Digest {
    /// Computes the digest of an operation's encoded bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Returns the 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the first bytes as a number that sorts in the order of digests.
    pub(crate) fn prefix(&self) -> u64 {
        u64::from_be_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }

    /// Returns the text as an array on the stack, for the encoder's hot path.
    pub(crate) fn text(&self) -> [u8; TEXT_LENGTH] {
        let mut text = [0; TEXT_LENGTH];
        text[..7].copy_from_slice(b"sha256:");
        let (pairs, _) = text[7..].as_chunks_mut();
        for (pair, byte) in pairs.iter_mut().zip(&self.0) {
            *pair = [hex(byte >> 4), hex(byte & 15)];
        }
        text
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.text()))
    }
}

/// Part of a hash is distinctive enough.
impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.prefix());
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || DigestError {
            text: text.to_owned(),
        };
        let digits = text.strip_prefix("sha256:").ok_or_else(invalid)?.as_bytes();
        if digits.len() != 64 {
            return Err(invalid());
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let (high, low) = (digit(pair[0]), digit(pair[1]));
            *byte = high
                .zip(low)
                .map(|(high, low)| high << 4 | low)
                .ok_or_else(invalid)?;
        }
        Ok(Self(hash))
    }
}

/// Returns the hexadecimal digit of a number below 16. Without a table, so that the compiler can vectorize it.
const fn hex(number: u8) -> u8 {
    let beyond_nine = if number > 9 { b'a' - b'9' - 1 } else { 0 };
    b'0' + number + beyond_nine
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn text_round_trips() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), EMPTY);
        assert_eq!(&digest.text()[..], EMPTY.as_bytes());
        assert_eq!(EMPTY.parse(), Ok(digest));
    }

    #[test]
    fn refusals() {
        for text in [
            "",
            "sha256:",
            "sha256:E3",
            &EMPTY.to_uppercase(),
            &EMPTY[7..],
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }
}
