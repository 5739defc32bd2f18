//! Checksums of content that an operation fetches.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A checksum of an image manifest, a download or a blob: algorithm and hash, such as
/// `sha256:4355…`.
///
/// The supported algorithms are `sha256`, `sha384` and `sha512`, with lower-case hexadecimal hashes
/// of their exact length, as in the OCI image specification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Checksum(String);

/// The reason why a string is not a checksum.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChecksumError {
    /// The text is not `algorithm:hash`, or one half is empty.
    #[error("`{text}` is not a checksum: expected algorithm:hash, such as sha256:…")]
    Format {
        /// The text that was read.
        text: String,
    },
    /// The algorithm is not `sha256`, `sha384` or `sha512`.
    #[error("checksum `{text}` uses an unknown algorithm; known are sha256, sha384 and sha512")]
    Algorithm {
        /// The text that was read.
        text: String,
    },
    /// The hash has the wrong length for the algorithm; usually it was cut off while copying.
    #[error("checksum `{text}` should have {expected} hexadecimal digits, and has {actual}")]
    Length {
        /// The text that was read.
        text: String,
        /// The number of digits that the algorithm needs.
        expected: usize,
        /// The number of characters found.
        actual: usize,
    },
    /// The hash has characters other than lower-case hexadecimal digits.
    #[error("checksum `{text}` has characters other than 0-9 and a-f")]
    Digits {
        /// The text that was read.
        text: String,
    },
}

impl Checksum {
    /// Parses `algorithm:hash`.
    pub fn parse(text: &str) -> Result<Self, ChecksumError> {
        let owned = || text.to_owned();
        let (algorithm, hash) = text
            .split_once(':')
            .filter(|(algorithm, hash)| !algorithm.is_empty() && !hash.is_empty())
            .ok_or_else(|| ChecksumError::Format { text: owned() })?;
        let expected = match algorithm {
            "sha256" => 64,
            "sha384" => 96,
            "sha512" => 128,
            _ => return Err(ChecksumError::Algorithm { text: owned() }),
        };
        if hash.len() != expected {
            return Err(ChecksumError::Length {
                text: owned(),
                expected,
                actual: hash.chars().count(),
            });
        }
        if !hash
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Err(ChecksumError::Digits { text: owned() });
        }
        Ok(Self(owned()))
    }

    /// Returns the full text, `algorithm:hash`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the algorithm's name, such as `sha256`.
    pub fn algorithm(&self) -> &str {
        self.0
            .split_once(':')
            .map_or("", |(algorithm, _)| algorithm)
    }

    /// Returns the hexadecimal hash.
    pub fn hash(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, hash)| hash)
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Checksum {
    type Err = ChecksumError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl From<crate::Digest> for Checksum {
    fn from(digest: crate::Digest) -> Self {
        Self(digest.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_algorithms() {
        for (algorithm, length) in [("sha256", 64), ("sha384", 96), ("sha512", 128)] {
            let text = format!("{algorithm}:{}", "ab".repeat(length / 2));
            let checksum = Checksum::parse(&text).expect("valid");
            assert_eq!(checksum.as_str(), text);
            assert_eq!(checksum.algorithm(), algorithm);
            assert_eq!(checksum.hash().len(), length);
        }
    }

    #[test]
    fn refusals() {
        let long = "a".repeat(64);
        for (text, kind) in [
            ("", "format"),
            ("sha256", "format"),
            (":abc", "format"),
            ("sha256:", "format"),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", "algorithm"),
            ("sha256:abc", "length"),
            (&format!("sha256:{}", long.to_uppercase()), "digits"),
        ] {
            let actual = match Checksum::parse(text) {
                Ok(_) => "ok",
                Err(ChecksumError::Format { .. }) => "format",
                Err(ChecksumError::Algorithm { .. }) => "algorithm",
                Err(ChecksumError::Length { .. }) => "length",
                Err(ChecksumError::Digits { .. }) => "digits",
            };
            assert_eq!(actual, kind, "{text}");
        }
    }
}
