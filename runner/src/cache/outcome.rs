//! What became of a cache, as our program in a sandbox tells it to the frontend: in a file of one line.

use std::fmt;

use super::parts;

/// What became of a cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds nothing but what every new one does.
    New,
    /// It holds something, and stays as it is; all of it was saved, if it was to be.
    Kept,
    /// There is no archive for it.
    Absent,
    /// It holds now what its archive does.
    Filled {
        /// How many files, directories and links that is.
        entries: u64,
    },
    /// It was saved without its oldest files.
    Reduced {
        /// How many they are.
        files: u64,
        /// How many bytes they have.
        bytes: u64,
    },
    /// It wasn't saved, for this reason.
    LeftOut(String),
    /// Its archive can't be used, for this reason, and it stays as it is.
    Broken(String),
}

impl Outcome {
    /// Reads the line.
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

/// What became of saving a cache: in a file of two lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Whether all of it was saved.
    pub outcome: Outcome,
    /// Which archives were made.
    pub parts: Vec<usize>,
}

impl Saved {
    /// Reads the lines.
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
