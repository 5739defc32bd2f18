//! Information about the checkout that is built.

/// The client's information about the checkout that it builds; missing values are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vcs {
    /// The commit.
    pub revision: String,
    /// Whether the checkout has uncommitted changes.
    pub dirty: bool,
    /// The URL of the repository.
    pub source: String,
    /// The tag that is built.
    pub tag: String,
}

/// The members of `vcs` in expressions.
pub const VCS: [&str; 5] = ["dirty", "revision", "short", "source", "tag"];
/// The number of digits in the short form of a commit.
const SHORT: usize = 7;

impl Vcs {
    /// Returns the short form of the commit.
    pub fn short(&self) -> &str {
        self.revision.get(..SHORT).unwrap_or(&self.revision)
    }
}
