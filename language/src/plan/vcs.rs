//! What is known of the checkout that is built.

/// What the client says of the checkout that it builds; what it doesn't say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vcs {
    /// The commit.
    pub revision: String,
    /// Whether there is more in the checkout than the commit.
    pub dirty: bool,
    /// The URL of the repository.
    pub source: String,
    /// The tag that is built.
    pub tag: String,
}

/// The names that `vcs` has in expressions.
pub const VCS: [&str; 5] = ["dirty", "revision", "short", "source", "tag"];
/// How much of a commit is enough for people to find it.
const SHORT: usize = 7;

impl Vcs {
    /// Returns the first digits of the commit.
    pub fn short(&self) -> &str {
        self.revision.get(..SHORT).unwrap_or(&self.revision)
    }
}
