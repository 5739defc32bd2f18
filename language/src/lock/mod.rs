//! A lock: what the names in a file stood for when somebody looked, so that they stand for the same in every build.
//!
//! Tags, branches and addresses may mean another thing tomorrow. A file `FILE.lock` beside the file pins them: images by the
//! digest of their index, repositories by their commit, downloads by their SHA-256.

mod read;
mod unpinned;
mod write;

use std::collections::BTreeMap;

use buildkit_llb::{Checksum, Reference};

use crate::source::Spanned;

pub use unpinned::{Unpinned, Use, unpinned};

/// What a lock's name ends with, after the name of its file.
pub const SUFFIX: &str = ".lock";

/// What a lock begins with that was written here.
pub const FIRST_WORDS: &str = "# What the names in ";

/// The version of the format.
const VERSION: &str = "1";

/// A kind of things that a lock pins, in the order of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The image of the frontend that the file's first line asks for.
    Frontend,
    /// An image.
    Image,
    /// A repository.
    Git,
    /// A file on a server.
    Http,
}

impl Kind {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Frontend, Self::Image, Self::Git, Self::Http];

    /// Returns the key of its names in a lock.
    pub fn key(self) -> &'static str {
        match self {
            Self::Frontend => "frontend",
            Self::Image => "images",
            Self::Git => "git",
            Self::Http => "http",
        }
    }

    /// Says what pins one.
    fn wanted(self) -> &'static str {
        match self {
            Self::Frontend | Self::Image | Self::Http => {
                "a digest: `sha256:` and 64 hexadecimal digits"
            }
            Self::Git => "the hash of a commit: 40 or 64 hexadecimal digits",
        }
    }

    /// Takes what pins one.
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

/// A name that a lock pins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// What it is a name of.
    pub kind: Kind,
    /// The name: an image's as people write it, with its tag; a repository's URL, with `#` and what is checked out of it if
    /// that has a name; a file's URL.
    pub text: String,
}

impl Name {
    /// Names an image.
    pub fn image(reference: &Reference) -> Self {
        Self::of_image(Kind::Image, reference)
    }

    /// Names the image of a frontend.
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

    /// Names what is checked out of a repository.
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

    /// Names a file on a server.
    pub fn http(url: &str) -> Self {
        Self {
            kind: Kind::Http,
            text: url.to_owned(),
        }
    }
}

/// What names stand for, each with the place that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    pins: BTreeMap<Name, Spanned<String>>,
}

impl Lock {
    /// Returns what a name stands for.
    pub fn get(&self, name: &Name) -> Option<&Spanned<String>> {
        self.pins.get(name)
    }

    /// Sets what a name stands for.
    pub fn insert(&mut self, name: Name, pin: String) {
        let pin = Spanned::new(pin, crate::source::Span::default());
        self.pins.insert(name, pin);
    }

    /// Lists names with what they stand for.
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

    /// Returns the commit of what is checked out of a repository.
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

/// Tells whether something that is checked out is a commit, so that it will never be another one.
pub fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64)
        && reference
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
