//! Marshalled graphs.

mod digest_map;
mod proto;
mod read;
mod wire;

use std::io;
use std::ops::Deref;

use bytes::Bytes;

use crate::capability::{CapabilitySet, Support, UnsupportedCapability};
use crate::digest::Digest;
use crate::few::Few;
use crate::metadata::Metadata;
use crate::reading;
use crate::source_map::{Range, Ranges, SourceFile};

pub use digest_map::DigestMap;
pub use read::DefinitionError;

/// A marshalled graph in the form that a daemon accepts: encoded operations, and metadata about
/// them.
///
/// The last operation is the *terminal*, which only names the result. A graph whose result is the
/// empty file system has no operations. Cloning is cheap for the operations, which are shared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    pub(crate) operations: Vec<Bytes>,
    pub(crate) metadata: DigestMap<Metadata>,
    pub(crate) source: Option<Source>,
}

/// The source files and locations that operations come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) locations: DigestMap<Locations>,
}

/// The locations that an operation comes from: nearly always one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locations(pub(crate) Few<Location>);

/// Ranges in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub(crate) file: i32,
    pub(crate) ranges: Ranges,
}

impl Definition {
    /// Parses a `Definition` message, such as the output of a program that makes graphs, or a
    /// frontend's input.
    ///
    /// Operations are not decoded; [`Graph`](crate::Graph) decodes them, and
    /// [`State::from_definition`](crate::State::from_definition) continues from them.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self, DefinitionError> {
        read::decode(&bytes.into())
    }

    /// Encodes a `Definition` message, as `buildctl build` reads it. The same definition always
    /// gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Writes the bytes of [`Definition::to_bytes`] to a file, a pipe or standard output.
    pub fn write_to(&self, mut writer: impl io::Write) -> io::Result<()> {
        writer.write_all(&self.to_bytes())?;
        writer.flush()
    }

    /// Returns the encoded operations, each after its inputs, the terminal last.
    pub fn operations(&self) -> &[Bytes] {
        &self.operations
    }

    /// Returns the metadata of each operation.
    pub fn metadata(&self) -> &DigestMap<Metadata> {
        &self.metadata
    }

    /// Returns the source files and locations. Only empty graphs and graphs made by other software
    /// have none.
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// Reports whether the result is the empty file system.
    pub fn is_scratch(&self) -> bool {
        self.operations.is_empty()
    }

    /// Returns the digest of the operation whose result is the graph's result. Warnings about the
    /// whole build belong to it. An empty graph has none.
    pub fn result_digest(&self) -> Option<Digest> {
        reading::result_digest(self.operations.last()?)
    }

    /// Returns all capabilities that the operations need and that this library knows.
    pub fn capabilities(&self) -> CapabilitySet {
        self.metadata
            .values()
            .fold(CapabilitySet::new(), |all, metadata| {
                all.union(metadata.capabilities)
            })
    }

    /// Checks that a daemon supports everything that the operations need. Otherwise the daemon
    /// would refuse the graph, with a message that doesn't say what to do about it.
    pub fn check(&self, support: &Support) -> Result<(), UnsupportedCapability> {
        self.metadata
            .values()
            .try_for_each(|metadata| metadata.check(support))
    }
}

impl Source {
    /// Returns the files.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// Returns the locations of each operation; an operation may have none or several.
    pub fn locations(&self) -> &DigestMap<Locations> {
        &self.locations
    }
}

impl Deref for Locations {
    type Target = [Location];

    fn deref(&self) -> &[Location] {
        &self.0
    }
}

impl Location {
    /// Returns the index of the file in [`Source::files`]. In a definition made by other software
    /// it may be out of range.
    pub fn file(&self) -> i32 {
        self.file
    }

    /// Returns the ranges in the file.
    pub fn ranges(&self) -> &[Range] {
        &self.ranges
    }
}
