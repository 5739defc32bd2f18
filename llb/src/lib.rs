//! LLB, BuildKit's build graph, as Rust values.

#![forbid(unsafe_code)]

mod build;
mod capability;
mod checksum;
mod constraints;
mod definition;
mod diff;
mod digest;
mod encode;
mod exec;
mod file;
mod graph;
mod hash;
mod import;
mod marshal;
mod merge;
mod metadata;
mod ordered_set;
mod passthrough;
mod path;
mod platform;
mod reference;
mod source;
mod source_map;
mod state;
mod vertex;

pub use build::{Build, BuildError};
pub use capability::{
    Capability, CapabilitySet, Support, UnsupportedCapability, UnsupportedReason,
};
pub use checksum::{Checksum, ChecksumError};
pub use constraints::{Constrain, Constraints};
pub use definition::{Definition, DefinitionError, DigestMap, Location, Source};
pub use diff::Diff;
pub use digest::{Digest, DigestError};
pub use exec::{
    ContentCache, Device, Exec, Mount, Network, OutputError, ProxyEnvironment, Run, Secret,
    Security, Sharing, ShellWordsError, SshSocket, Ulimit,
};
pub use file::{
    BoundFileAction, Copy, CopySource, FileAction, Mkdir, Mkfile, Owner, Remove, Symlink,
    Timestamp, TimestampError, UserId,
};
pub use graph::{Graph, GraphError, GraphVertex};
pub use import::ImportError;
pub use marshal::MarshalOptions;
pub use merge::Merge;
pub use metadata::{LinuxResources, Metadata, ProgressGroup};
pub use passthrough::{Passthrough, PassthroughError};
pub use platform::{Platform, PlatformError};
pub use reference::{Reference, ReferenceError};
pub use source::{
    Blob, BlobError, Differ, Git, GitError, GitMtime, GitRemote, Http, HttpError, Image, Local,
    OciLayout, OciLayoutError, RecordType, ResolveMode,
};
pub use source_map::{Position, Range, SourceFile, SourceMap};
pub use state::{ImageConfigError, State};
