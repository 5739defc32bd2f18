//! Line ranges in a Dockerfile.

use buildkit_llb::Range;

/// A range of lines, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lines {
    /// The first line.
    pub first: u32,
    /// The last line, not less than the first.
    pub last: u32,
}

impl Lines {
    /// Creates a range of lines. A last line before the first counts as the first.
    pub fn new(first: u32, last: u32) -> Self {
        Self {
            first,
            last: last.max(first),
        }
    }

    /// Creates a range of one line.
    pub fn one(line: u32) -> Self {
        Self::new(line, line)
    }

    /// Iterates over the lines as reported by Docker's frontend: one range for each.
    pub fn ranges(self) -> impl Iterator<Item = Range> {
        (self.first..=self.last).map(|line| Range::line(i32::try_from(line).unwrap_or(i32::MAX)))
    }
}
