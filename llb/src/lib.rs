//! LLB, BuildKit's build graph, as Rust values.
//!
//! BuildKit builds a *definition*: a graph of operations (fetch this image, run that process, copy
//! these files) in which each one is named by the hash of its bytes. This crate makes such graphs,
//! marshals them byte for byte as BuildKit's own Go library does, and reads them. It needs no
//! daemon, no network and no protobuf compiler, and knows nothing of any language in which builds
//! are written.
//!
//! ```
//! use buildkit_llb::{Copy, Exec, MarshalOptions, Mount, Sharing, State};
//!
//! let context = State::local("context");
//! let build = State::image("golang:1.22-alpine")?
//!     .dir("/src")
//!     .env("CGO_ENABLED", "0")
//!     .run(
//!         Exec::shell("go build -o /out/server ./cmd/server")
//!             .mount(Mount::bind("/src", &context).readonly())
//!             .mount(Mount::cache("/root/.cache/go-build").sharing(Sharing::Locked))
//!             .mount(Mount::scratch("/out")),
//!     );
//! let image = State::image("gcr.io/distroless/static-debian12")?
//!     .file(Copy::new(&build.output("/out")?, "/server", "/server").mode(0o755));
//!
//! // For `buildctl build`, or for a frontend's request to its daemon.
//! let bytes = image.marshal(&MarshalOptions::new()).to_bytes();
//! # let _ = bytes;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # States
//!
//! A [`State`] is a file system that a graph makes, together with settings for what is done with it
//! next. It is a value: methods return a new state and leave the old one alone, so that branches
//! come by themselves. Copies are cheap, whatever is behind them.
//!
//! ```
//! use buildkit_llb::{Exec, State};
//!
//! let base = State::image("alpine:3.20")?.dir("/srv").env("LANG", "C");
//! let other = base.env("LANG", "C.UTF-8").dir("sub");
//! assert_eq!(base.get_env("LANG"), Some("C"));
//! assert_eq!(other.get_dir(), "/srv/sub");
//! // What is set on an exec counts for that process alone.
//! let after = base.run(Exec::shell("true").env("DEBUG", "1")).root();
//! assert_eq!(after.get_env("DEBUG"), None);
//! # Ok::<(), buildkit_llb::ReferenceError>(())
//! ```
//!
//! Graphs begin with [`State::scratch`], which is empty, with one of the sources [`Image`],
//! [`Local`], [`Git`], [`Http`], [`OciLayout`] and [`Blob`], or with
//! [a marshalled graph](State::from_definition).
//!
//! **Names.** A setter is called after what it sets: `env`, `dir`, `mode`, `parents`. Where a value can be read as well, its getter
//! begins with `get_`, as those of [`std::process::Command`] do. What can be said of any vertex
//! ([`Constrain`]) is a participle: `named`, `located`. The [`prelude`] has what most programs need, and [`Error`] is any error.
//!
//! # Processes
//!
//! [`State::run`] runs an [`Exec`]: arguments, settings, [`Mount`]s, [`Secret`]s,
//! [`SshSocket`]s, [`Device`]s. The [`Run`] that it returns has several results: the root file
//! system, and what was written to each mount that is neither read-only nor a cache.
//!
//! # Files
//!
//! [`State::file`] changes files without running anything: [`Mkdir`], [`Mkfile`], [`Symlink`],
//! [`Remove`], [`struct@Copy`]. A chain of actions is one vertex, so one layer and one entry in the cache.
//!
//! ```
//! use buildkit_llb::{FileAction, Mkdir, Owner, State};
//!
//! let state = State::scratch().file(
//!     Mkdir::new("/etc/app", 0o755)
//!         .parents()
//!         .owner(Owner::ids(0, 0))
//!         .then(FileAction::mkfile("/etc/app/config", 0o644, "debug = false\n"))
//!         .then(FileAction::symlink("app/config", "/etc/config")),
//! );
//! # let _ = state;
//! ```
//!
//! # Layers and requirements
//!
//! [`State::merge`] lays file systems over each other and [`State::diff`] finds what one has more
//! than another; [`State::parallel`] is both, for branches that were made at the same time.
//! [`State::requires`] makes a state valid only if others succeed, without anything of them in it;
//! [`State::requires_supported`] does so on daemons that can't, too.
//!
//! # Names, places, caching
//!
//! Every operation takes [`Constrain`]ts: a name for progress output, the lines of a file that it
//! comes from, whether it uses the cache, its platform and more.
//!
//! ```
//! use buildkit_llb::{Constrain, Exec, Range, SourceMap, State};
//!
//! let file = SourceMap::new("Buildfile", "Text", "base alpine\nrun make\n");
//! let built = State::image("alpine")?.run(
//!     Exec::shell("make")
//!         .named("[2/2] make")
//!         .located(&file, [Range::line(2)]),
//! );
//! # let _ = built;
//! # Ok::<(), buildkit_llb::ReferenceError>(())
//! ```
//!
//! # Marshalling
//!
//! [`State::marshal`] gives a [`Definition`]. [`MarshalOptions`] say what holds for the whole graph:
//! the platform of operations without one, what the daemon supports, metadata. It can't fail: a
//! state is always a whole graph without cycles.
//!
//! Cost is in proportion to the size of the graph, in time and memory: a state's settings are
//! shared, not searched for along the chain, and no step recurses, so that a chain of a million
//! vertices needs no more stack than one of ten. Equal vertices appear once, however often and in
//! whatever order they were made.
//!
//! # Mistakes
//!
//! They are found at two places.
//!
//! What is parsed is refused where it is made, with an error of a type for each module: references
//! of images, blobs and layouts, checksums, platforms, URLs of downloads and of Git repositories,
//! Git options that exclude each other, command lines that are split, image configurations,
//! passthroughs and builds of nothing, outputs that a run doesn't have.
//!
//! Everything else is taken as it is, and checked by [`Definition::verify`] (or [`State::verify`],
//! for a graph that isn't marshalled anyway): paths, names, arguments and variables, modes, sizes
//! and limits, patterns, worker filters, indexes, and options that exclude each other. It goes by
//! what daemons check when they load and run an operation, looks at imported operations too, and
//! finds all mistakes at once, each with its vertex, field and place in the user's file. Marshalling
//! doesn't call it, since it takes about as long again; call it before a graph is sent.
//!
//! What only a daemon knows is checked by the daemon: whether images, files and users are there,
//! and what is allowed.
//!
//! # Capabilities
//!
//! Daemons differ in what they can do. Each use of a feature records its [`Capability`] in the graph
//! (as Go does), so that [`Definition::check`] tells against a daemon's [`Support`] what is missing
//! and which BuildKit has it, before the daemon refuses the graph with less to say.
//!
//! ```
//! use buildkit_llb::{Capability, Exec, MarshalOptions, State, Support};
//!
//! let base = State::image("alpine")?;
//! let both = State::parallel(&base, [&base.run(Exec::shell("a")).root()]);
//! let old = Support::of(Capability::ALL.iter().copied().filter(|&capability| {
//!     capability != Capability::MergeOp
//! }));
//! let error = both.marshal(&MarshalOptions::new()).check(&old).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "the daemon cannot do merges: capability `mergeop` needs BuildKit 0.10.0 or newer"
//! );
//! # Ok::<(), buildkit_llb::ReferenceError>(())
//! ```
//!
//! # Reading
//!
//! [`Graph`] decodes any definition, and writes it as a tree, as JSON and for Graphviz. What this
//! crate doesn't know of an operation is lost in none of these steps: [`State::from_definition`]
//! keeps the bytes that came.
//!
//! # Where this is not Go
//!
//! Bytes and metadata are those of `client/llb` in BuildKit 0.32. On purpose, these are not:
//!
//! - Metadata given for a whole graph does not leak from one vertex into others, and a vertex
//!   doesn't keep a capability that it needed when it was marshalled for another daemon.
//! - Locations of an imported operation with several used outputs are not doubled.
//! - Imported operations may lack metadata.
//! - No SSH server is asked for its host keys while a graph is made.
//! - What Go refuses when marshalling is refused where it is made, or by [`Definition::verify`],
//!   which also finds what Go leaves to the daemon.
//! - Of more than twelve mounts at one and the same path the order is the one given.
//!
//! As in Go, capabilities of single options of file operations are *not* recorded: the types say
//! which to look for.
#![doc = include_str!("fields.md")]
#![forbid(unsafe_code)]

mod build;
mod capability;
mod checksum;
mod constraints;
mod decode;
mod definition;
mod description;
mod diff;
mod digest;
mod encode;
mod error;
mod exec;
mod few;
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
pub mod prelude;
mod reading;
mod reference;
#[cfg(feature = "serde")]
mod serde_support;
mod source;
mod source_map;
mod state;
mod verify;
mod vertex;
mod when;

pub use build::{Build, BuildError};
pub use capability::{
    Capability, CapabilitySet, Support, UnsupportedCapability, UnsupportedReason,
};
pub use checksum::{Checksum, ChecksumError};
pub use constraints::{Constrain, Constraints};
pub use decode::DecodeError;
pub use definition::{Definition, DefinitionError, DigestMap, Location, Locations, Source};
pub use diff::Diff;
pub use digest::{Digest, DigestError};
pub use error::Error;
pub use exec::{
    BindMount, CacheMount, ContentCache, Device, Exec, Mount, Network, OutputError,
    ProxyEnvironment, Run, Secret, Security, Sharing, ShellWordsError, SshSocket, Tmpfs, Ulimit,
};
pub use file::{
    BoundFileAction, Copy, CopySource, FileAction, Mkdir, Mkfile, Owner, Remove, Symlink,
    Timestamp, TimestampError, UserId,
};
pub use graph::{Graph, GraphVertex};
pub use import::Parts;
pub use marshal::MarshalOptions;
pub use merge::Merge;
pub use metadata::{LinuxResources, Metadata, ProgressGroup};
pub use passthrough::{Passthrough, PassthroughError};
pub use platform::{Platform, PlatformError};
pub use reading::ReadError;
pub use reference::{Reference, ReferenceError};
pub use source::{
    AnySource, Blob, BlobError, Differ, Git, GitError, GitMtime, GitRemote, Http, HttpError, Image,
    Local, OciLayout, OciLayoutError, RecordType, ResolveMode,
};
pub use source_map::{Position, Range, SourceFile, SourceMap};
pub use state::{EnvList, ImageConfigError, State};
pub use verify::{Finding, Mistake, VerifyError};
pub use when::When;
