//! Image references, as Docker reads and writes them.

mod grammar;
mod parse;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::checksum::Checksum;

pub use parse::ReferenceError;

/// A reference to an image in a registry: a repository with a tag, a digest, or both.
///
/// A reference is always *normalized*: `alpine` is read as `docker.io/library/alpine`. The tag
/// stays absent until [`Reference::with_default_tag`] adds `latest`. The rules are those of the
/// `distribution/reference` package that Docker and BuildKit share.
///
/// ```
/// use buildkit_llb::Reference;
///
/// let reference: Reference = "alpine:3.20".parse()?;
/// assert_eq!(reference.to_string(), "docker.io/library/alpine:3.20");
/// assert_eq!(reference.familiar(), "alpine:3.20");
/// assert_eq!(reference.domain(), "docker.io");
/// # Ok::<(), buildkit_llb::ReferenceError>(())
/// ```
#[derive(Clone)]
pub struct Reference {
    /// The full text. The fields below are offsets of its parts.
    text: String,
    /// The end of the domain, followed by a slash if the domain isn't empty.
    domain: usize,
    /// The end of the path.
    path: usize,
    /// The end of the tag, which follows a colon; the end of the path if there is no tag.
    tag: usize,
    digest: Option<Checksum>,
}

const DEFAULT_DOMAIN: &str = "docker.io";
const OFFICIAL_PREFIX: &str = "library/";

impl Reference {
    /// Parses a reference, normalizing its repository.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        parse::parse(text)
    }

    /// Returns the full reference.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the registry's host name, with its port if there is one.
    ///
    /// Empty in a corner case of Docker's grammar: a first component with a dot and an underscore
    /// is not a host name, so it belongs to the path.
    pub fn domain(&self) -> &str {
        &self.text[..self.domain]
    }

    /// Returns the repository's path in the registry, such as `library/alpine`.
    pub fn path(&self) -> &str {
        let slash = usize::from(self.domain > 0);
        &self.text[self.domain + slash..self.path]
    }

    /// Returns the repository: domain and path, without tag and digest.
    pub fn name(&self) -> String {
        self.text[..self.path].to_owned()
    }

    /// Returns the tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.text[self.path..self.tag].strip_prefix(':')
    }

    /// Returns the digest, if there is one.
    pub fn digest(&self) -> Option<&Checksum> {
        self.digest.as_ref()
    }

    /// Adds the tag `latest`, unless the reference has a tag or a digest.
    #[must_use]
    pub fn with_default_tag(mut self) -> Self {
        if self.tag == self.path && self.digest.is_none() {
            self.text.push_str(":latest");
            self.tag = self.text.len();
        }
        self
    }

    /// Pins the reference to a digest; the tag is kept for readability.
    #[must_use]
    pub fn with_digest(self, digest: Checksum) -> Self {
        let mut pinned = self.without_digest();
        pinned.text.push('@');
        pinned.text.push_str(digest.as_str());
        pinned.digest = Some(digest);
        pinned
    }

    /// Removes the digest.
    #[must_use]
    pub fn without_digest(mut self) -> Self {
        self.text.truncate(self.tag);
        self.digest = None;
        self
    }

    /// Formats the reference in its short form: without `docker.io/` and `library/`.
    pub fn familiar(&self) -> String {
        if self.domain() != DEFAULT_DOMAIN {
            return self.text.clone();
        }
        let path = match self.path().strip_prefix(OFFICIAL_PREFIX) {
            Some(short) if !short.contains('/') => short,
            _ => self.path(),
        };
        [path, &self.text[self.path..]].concat()
    }

    /// Returns the parts that references are compared by, in the order of comparison.
    fn parts(&self) -> (&str, &str, Option<&str>, Option<&Checksum>) {
        (self.domain(), self.path(), self.tag(), self.digest())
    }
}

impl PartialEq for Reference {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Reference {}

impl PartialOrd for Reference {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reference {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl Hash for Reference {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (domain, path, tag, digest) = self.parts();
        formatter
            .debug_struct("Reference")
            .field("domain", &domain)
            .field("path", &path)
            .field("tag", &tag)
            .field("digest", &digest)
            .finish()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
