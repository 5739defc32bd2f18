//! Lock files: the content of the names in a file at the time of locking, so that it is the same in every build.
//!
//! The content of tags, branches and URLs may change. A file `FILE.lock` next to the file pins them: images by the digest of
//! their index, repositories by their commit, downloads by their SHA-256.

mod read;
mod unpinned;
mod write;

use std::collections::BTreeMap;

use buildkit_llb::{Checksum, Reference};

use crate::source::Spanned;

pub use unpinned::{Unpinned, Use, unpinned};

/// The suffix of a lock file's name, after the name of its file.
pub const SUFFIX: &str = ".lock";

/// The beginning of lock files that this program writes.
pub const FIRST_WORDS: &str = "# What the names in ";

/// The version of the format.
const VERSION: &str = "1";

/// The kind of a pinned source, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The frontend's image in the first line of the file.
    Frontend,
    /// An image.
    Image,
    /// A repository.
    Git,
    /// A file on a server.
    Http,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Self; 4] = [Self::Frontend, Self::Image, Self::Git, Self::Http];

    /// Returns the key for the names in a lock file.
    pub fn key(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::Image => "images",
            Self::Git => "git",
            Self::Http => "http",
        }
    }

    /// Returns the kind of pin.
    fn wanted(self) -> &'static str {
        match self {
            Self::Frontend | Self::Image | Self::Http => {
                "a digest: `sha256:` and 64 hexadecimal digits"
            }
            Self::Git => "the hash of a commit: 40 or 64 hexadecimal digits",
        }
    }

    /// Parses a pin.
    fn pin(self, text: &str) -> Option<String> {
        match self {
            Self::Frontend | Self::Image | Self::Http => {
                let checksum = Checksum::parse(text).ok()?;
                (checksum.algorithm() == "sha256").then(|| text.to_owned())
            }
            Self::Git => is_commit(text).then(|| text.to_owned()),
        }
    }
}

/// A name that a lock file pins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// The kind of source.
    pub kind: Kind,
    /// The name: an image's in its short form, with its tag; a repository's URL, with `#` and the ref if there is one; a
    /// file's URL.
    pub text: String,
}

impl Name {
    /// Creates the name of an image.
    pub fn image(reference: &Reference) -> Self {
        Self::of_image(Kind::Image, reference)
    }

    /// Creates the name of a frontend's image.
    pub fn frontend(reference: &Reference) -> Self {
        Self::of_image(Kind::Frontend, reference)
    }

    fn of_image(kind: Kind, reference: &Reference) -> Self {
        let reference = reference.clone().without_digest().with_default_tag();
        Self {
            kind,
            text: reference.familiar(),
        }
    }

    /// Creates the name of a repository's checkout.
    pub fn git(url: &str, reference: Option<&str>) -> Self {
        let text = match reference {
            Some(reference) => format!("{url}#{reference}"),
            None => url.to_owned(),
        };
        Self {
            kind: Kind::Git,
            text,
        }
    }

    /// Creates the name of a file on a server.
    pub fn http(url: &str) -> Self {
        Self {
            kind: Kind::Http,
            text: url.to_owned(),
        }
    }
}

/// The pins of names, each with its location.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    pins: BTreeMap<Name, Spanned<String>>,
}

impl Lock {
    /// Returns the pin of a name.
    pub fn get(&self, name: &Name) -> Option<&Spanned<String>> {
        self.pins.get(name)
    }

    /// Sets the pin of a name.
    pub fn insert(&mut self, name: Name, pin: String) {
        let pin = Spanned::new(pin, crate::source::Span::default());
        self.pins.insert(name, pin);
    }

    /// Iterates over the names with their pins.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Spanned<String>)> {
        self.pins.iter()
    }

    /// Returns the digest of an image whose reference has none.
    pub fn image(&self, reference: &Reference) -> Option<Spanned<Checksum>> {
        if reference.digest().is_some() {
            return None;
        }
        let pin = self.get(&Name::image(reference))?;
        Some(Spanned::new(Checksum::parse(&pin.value).ok()?, pin.span))
    }

    /// Returns the commit of a repository's checkout.
    pub fn commit(&self, url: &str, reference: Option<&str>) -> Option<&str> {
        let pin = self.get(&Name::git(url, reference))?;
        Some(&pin.value)
    }

    /// Returns the digest of a file on a server.
    pub fn download(&self, url: &str) -> Option<Checksum> {
        let pin = self.get(&Name::http(url))?;
        Checksum::parse(&pin.value).ok()
    }
}

/// Reports whether a ref is a commit, which never changes.
pub fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64)
        && reference
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
