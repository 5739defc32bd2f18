//! What files are to be, as data that a check inside a build gets.

use std::fs::Metadata;
use std::os::unix::fs::FileTypeExt as _;

use serde_json::{Value, json};

/// What stands in an excerpt for the message, which only the check knows.
pub const MESSAGE: &str = "…";

/// Facts about the files of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What they are about, in words.
    pub about: String,
    /// The facts.
    pub facts: Vec<Fact>,
}

/// A fact about the files of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The path from the root, which may have wildcards.
    pub path: String,
    /// What is to be.
    pub wanted: Wanted,
    /// Where it was written: a file and a line.
    pub place: String,
    /// What the user is shown if it isn't so, with [`MESSAGE`] for what was found.
    pub excerpt: String,
}

/// What a file is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// There.
    Exists,
    /// Not there.
    Absent,
    /// Of a kind.
    Kind(Kind),
    /// Of a mode.
    Mode(u32),
    /// Of a user, and maybe of a group; names or numbers.
    Owner {
        /// The user.
        user: String,
        /// The group.
        group: Option<String>,
    },
    /// A file with this text in it.
    Contains(String),
    /// A file with this digest, in hexadecimal digits.
    Sha256(String),
    /// A symbolic link to this.
    Symlink(String),
    /// No larger than so many bytes, with all that is below it.
    AtMost(u64),
}

/// A kind of files.
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
    /// All kinds, by name.
    pub const ALL: [(&'static str, Self); 3] = [
        ("file", Self::File),
        ("directory", Self::Directory),
        ("symlink", Self::Symlink),
    ];

    /// Tells whether a file is of this kind.
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

    /// Says what it is, with its article.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Directory => "a directory",
            Self::Symlink => "a symbolic link",
        }
    }
}

/// Says what a file is.
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
    /// Writes the facts as JSON.
    pub fn to_json(&self) -> String {
        let facts = self.facts.iter().map(|fact| {
            let (name, value) = fact.wanted.to_json();
            json!({ "path": fact.path, name: value, "place": fact.place, "excerpt": fact.excerpt })
        });
        json!({ "about": self.about, "facts": facts.collect::<Vec<_>>() }).to_string()
    }

    /// Reads what [`Facts::to_json`] writes.
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
