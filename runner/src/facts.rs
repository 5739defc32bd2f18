//! Assertions about files, as input for a check inside a build.

use std::fs::Metadata;
use std::os::unix::fs::FileTypeExt as _;

use serde_json::{Value, json};

/// The placeholder in an excerpt for the message, which only the check knows.
pub const MESSAGE: &str = "…";

/// Assertions about the files of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// A description of what they are about.
    pub about: String,
    /// The assertions.
    pub facts: Vec<Fact>,
}

/// An assertion about the files of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The path from the root, which may have wildcards.
    pub path: String,
    /// The expected property.
    pub wanted: Wanted,
    /// The location in the source: file and line.
    pub place: String,
    /// The text that is shown if the assertion fails, with [`MESSAGE`] for the actual value.
    pub excerpt: String,
}

/// An expected property of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The file exists.
    Exists,
    /// The file doesn't exist.
    Absent,
    /// The file has this type.
    Kind(Kind),
    /// The file has this mode.
    Mode(u32),
    /// The file belongs to this user, and optionally this group; names or numbers.
    Owner {
        /// The user.
        user: String,
        /// The group.
        group: Option<String>,
    },
    /// The file contains this text.
    Contains(String),
    /// The file has this SHA-256, in hexadecimal.
    Sha256(String),
    /// The file is a symbolic link with this target.
    Symlink(String),
    /// The file, including everything below it, has at most this number of bytes.
    AtMost(u64),
}

/// A file type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
}

impl Kind {
    /// All types, by name.
    pub const ALL: [(&'static str, Self); 3] = [
        ("file", Self::File),
        ("directory", Self::Directory),
        ("symlink", Self::Symlink),
    ];

    /// Reports whether a file has this type.
    pub(super) fn is(self, metadata: &Metadata) -> bool {
        match self {
            Self::File => metadata.is_file(),
            Self::Directory => metadata.is_dir(),
            Self::Symlink => metadata.is_symlink(),
        }
    }

    fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }

    /// Returns the type's name, with an article.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Directory => "a directory",
            Self::Symlink => "a symbolic link",
        }
    }
}

/// Returns the name of a file's type.
pub(super) fn kind_of(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    match Kind::ALL.iter().find(|(_, kind)| kind.is(metadata)) {
        Some((_, kind)) => kind.words(),
        None if kind.is_fifo() => "a pipe",
        None if kind.is_socket() => "a socket",
        None => "a device",
    }
}

impl Facts {
    /// Encodes the assertions as JSON.
    pub fn to_json(&self) -> String {
        let facts = self.facts.iter().map(|fact| {
            let (name, value) = fact.wanted.to_json();
            json!({ "path": fact.path, name: value, "place": fact.place, "excerpt": fact.excerpt })
        });
        json!({ "about": self.about, "facts": facts.collect::<Vec<_>>() }).to_string()
    }

    /// Parses the output of [`Facts::to_json`].
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        let json: Value = serde_json::from_slice(json).ok()?;
        let text = |value: &Value, key: &str| Some(value.get(key)?.as_str()?.to_owned());
        let facts = json.get("facts")?.as_array()?.iter().map(|fact| {
            Some(Fact {
                path: text(fact, "path")?,
                wanted: Wanted::parse(fact)?,
                place: text(fact, "place")?,
                excerpt: text(fact, "excerpt")?,
            })
        });
        Some(Self {
            about: text(&json, "about")?,
            facts: facts.collect::<Option<_>>()?,
        })
    }
}

impl Wanted {
    fn to_json(&self) -> (&'static str, Value) {
        match self {
            Self::Exists => ("exists", true.into()),
            Self::Absent => ("exists", false.into()),
            Self::Kind(kind) => ("kind", kind.name().into()),
            Self::Mode(mode) => ("mode", (*mode).into()),
            Self::Owner { user, group } => ("owner", json!([user, group])),
            Self::Contains(text) => ("contains", text.as_str().into()),
            Self::Sha256(digest) => ("sha256", digest.as_str().into()),
            Self::Symlink(target) => ("symlink", target.as_str().into()),
            Self::AtMost(size) => ("size", (*size).into()),
        }
    }

    fn parse(fact: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let known = |name: &str| fact.get(name);
        if let Some(value) = known("exists") {
            return Some(if value.as_bool()? {
                Self::Exists
            } else {
                Self::Absent
            });
        }
        if let Some(value) = known("kind") {
            let name = value.as_str()?;
            let kind = Kind::ALL.iter().find(|(other, _)| *other == name)?;
            return Some(Self::Kind(kind.1));
        }
        if let Some(value) = known("mode") {
            return value.as_u64()?.try_into().ok().map(Self::Mode);
        }
        if let Some(value) = known("owner") {
            return Some(Self::Owner {
                user: text(value.get(0)?)?,
                group: value.get(1).and_then(text),
            });
        }
        if let Some(value) = known("contains") {
            return text(value).map(Self::Contains);
        }
        if let Some(value) = known("sha256") {
            return text(value).map(Self::Sha256);
        }
        if let Some(value) = known("symlink") {
            return text(value).map(Self::Symlink);
        }
        known("size")?.as_u64().map(Self::AtMost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_as_they_were_written() {
        let owner = |group: Option<&str>| Wanted::Owner {
            user: "app".to_owned(),
            group: group.map(str::to_owned),
        };
        let wanted = [
            Wanted::Exists,
            Wanted::Absent,
            Wanted::Kind(Kind::Directory),
            Wanted::Mode(0o4755),
            owner(None),
            owner(Some("0")),
            Wanted::Contains("a\n\"b\"\0é".to_owned()),
            Wanted::Sha256("00".to_owned()),
            Wanted::Symlink("../x".to_owned()),
            Wanted::AtMost(u64::from(u32::MAX) * 3),
        ];
        let facts = wanted.map(|wanted| Fact {
            path: "/a b".to_owned(),
            wanted,
            place: "Stagefile:3".to_owned(),
            excerpt: "…\n |".to_owned(),
        });
        let facts = Facts {
            about: "app".to_owned(),
            facts: facts.to_vec(),
        };
        assert_eq!(Facts::parse(facts.to_json().as_bytes()), Some(facts));
        assert_eq!(Facts::parse(b"{\"facts\": [{}]}"), None);
        assert_eq!(Facts::parse(b"no"), None);
    }
}
