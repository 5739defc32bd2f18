//! The outcome of an operation on a cache, reported by our program in a sandbox to the frontend: in
//! a file with one line.

use std::fmt;

use super::parts;

/// The outcome of an operation on a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The cache contains nothing but its initial content.
    New,
    /// The cache has content, and stays unchanged; if it was to be saved, all of it was.
    Kept,
    /// There is no archive for it.
    Absent,
    /// The cache was filled from its archive.
    Filled {
        /// The number of files, directories and links.
        entries: u64,
    },
    /// The cache was saved without its oldest files.
    Reduced {
        /// The number of files left out.
        files: u64,
        /// Their size in bytes.
        bytes: u64,
    },
    /// The cache wasn't saved, for this reason.
    LeftOut(String),
    /// The archive can't be used, for this reason, and the cache stays unchanged.
    Broken(String),
}

impl Outcome {
    /// Parses the line.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        Some(match word {
            "new" => Self::New,
            "kept" => Self::Kept,
            "absent" => Self::Absent,
            "filled" => Self::Filled {
                entries: rest.parse().ok()?,
            },
            "reduced" => {
                let (files, bytes) = rest.split_once(' ')?;
                Self::Reduced {
                    files: files.parse().ok()?,
                    bytes: bytes.parse().ok()?,
                }
            }
            "left-out" => Self::LeftOut(rest.to_owned()),
            "broken" => Self::Broken(rest.to_owned()),
            _ => return None,
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New => formatter.write_str("new"),
            Self::Kept => formatter.write_str("kept"),
            Self::Absent => formatter.write_str("absent"),
            Self::Filled { entries } => write!(formatter, "filled {entries}"),
            Self::Reduced { files, bytes } => write!(formatter, "reduced {files} {bytes}"),
            Self::LeftOut(reason) => write!(formatter, "left-out {reason}"),
            Self::Broken(reason) => write!(formatter, "broken {reason}"),
        }
    }
}

/// The outcome of saving a cache: in a file with two lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Whether all of it was saved.
    pub outcome: Outcome,
    /// The archives that were created.
    pub parts: Vec<usize>,
}

impl Saved {
    /// Parses the lines.
    pub fn parse(text: &str) -> Option<Self> {
        let (outcome, parts) = text.split_once('\n')?;
        Some(Self {
            outcome: Outcome::parse(outcome)?,
            parts: parts::read(parts)?,
        })
    }
}

impl fmt::Display for Saved {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\n{}", self.outcome, parts::write(&self.parts))
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Saved};

    #[test]
    fn what_was_saved_is_read() {
        for parts in [vec![], vec![0, 3]] {
            let outcome = Outcome::Reduced { files: 1, bytes: 2 };
            let saved = Saved { outcome, parts };
            assert_eq!(Saved::parse(&saved.to_string()), Some(saved));
        }
        assert_eq!(Saved::parse("kept"), None);
    }

    #[test]
    fn what_is_written_is_read() {
        for outcome in [
            Outcome::New,
            Outcome::Kept,
            Outcome::Absent,
            Outcome::Filled { entries: 12 },
            Outcome::Reduced { files: 3, bytes: 4 },
            Outcome::LeftOut("it has 9 bytes".to_owned()),
            Outcome::Broken("`a b` leads out of the cache".to_owned()),
        ] {
            assert_eq!(Outcome::parse(&outcome.to_string()), Some(outcome));
        }
        assert_eq!(Outcome::parse("filled many"), None);
        assert_eq!(Outcome::parse(""), None);
    }
}
