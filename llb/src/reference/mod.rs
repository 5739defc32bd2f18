//! Image references, as Docker reads and writes them.

mod grammar;
mod parse;

use std::fmt;
use std::str::FromStr;

use crate::checksum::Checksum;

pub use parse::ReferenceError;

/// Names an image in a registry: repository, and a tag, a digest, or both.
///
/// A reference is always *normalised*: `alpine` is read as `docker.io/library/alpine`. The tag
/// stays absent until [`Reference::with_default_tag`] puts in `latest`. Rules are those of the
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    domain: String,
    path: String,
    tag: Option<String>,
    digest: Option<Checksum>,
}

const DEFAULT_DOMAIN: &str = "docker.io";
const OFFICIAL_PREFIX: &str = "library/";

impl Reference {
    /// Reads a reference, normalising its repository.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        parse::parse(text)
    }

    /// Returns the registry's host name, with its port if it has one.
    ///
    /// Empty in the one odd case that Docker's grammar allows: a first component with a dot and
    /// an underscore is no host name, so it belongs to the path.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns the repository's path in the registry, such as `library/alpine`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the repository: domain and path, without tag and digest.
    pub fn name(&self) -> String {
        Self::repository(&self.domain, &self.path)
    }

    /// Returns the tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Returns the digest, if there is one.
    pub fn digest(&self) -> Option<&Checksum> {
        self.digest.as_ref()
    }

    /// Returns the reference with tag `latest`, unless it has a tag or a digest.
    #[must_use]
    pub fn with_default_tag(mut self) -> Self {
        if self.tag.is_none() && self.digest.is_none() {
            self.tag = Some("latest".to_owned());
        }
        self
    }

    /// Returns the reference pinned to a digest; the tag stays for people to read.
    #[must_use]
    pub fn with_digest(mut self, digest: Checksum) -> Self {
        self.digest = Some(digest);
        self
    }

    /// Returns the reference without its digest.
    #[must_use]
    pub fn without_digest(mut self) -> Self {
        self.digest = None;
        self
    }

    /// Formats the reference as people write it: without `docker.io/` and `library/`.
    pub fn familiar(&self) -> String {
        if self.domain != DEFAULT_DOMAIN {
            return self.to_string();
        }
        let path = match self.path.strip_prefix(OFFICIAL_PREFIX) {
            Some(short) if !short.contains('/') => short,
            _ => &self.path,
        };
        self.suffixed(Self::repository("", path))
    }

    fn repository(domain: &str, path: &str) -> String {
        if domain.is_empty() {
            path.to_owned()
        } else {
            format!("{domain}/{path}")
        }
    }

    fn suffixed(&self, mut text: String) -> String {
        if let Some(tag) = &self.tag {
            text.push(':');
            text.push_str(tag);
        }
        if let Some(digest) = &self.digest {
            text.push('@');
            text.push_str(digest.as_str());
        }
        text
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.suffixed(self.name()))
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
