//! LLB, BuildKit's build graph, as Rust values.
//!
//! BuildKit builds a *definition*: a graph of operations (fetch this image, run that process, copy
//! these files), each identified by the hash of its bytes. This crate creates such graphs, marshals
//! them to the same bytes as BuildKit's own Go library, and reads them. It needs no daemon, network
//! or protobuf compiler, and is independent of any build language.
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
//! A [`State`] is a file system that a graph produces, together with settings for the steps that
//! follow. It is a value: methods return a new state and leave the original unchanged, so one state
//! can be the base of several branches. Cloning is cheap, however large the graph is.
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
//! Graphs begin with the empty [`State::scratch`], with one of the sources [`Image`], [`Local`],
//! [`Git`], [`Http`], [`OciLayout`] and [`Blob`], or with [a marshalled
//! graph](State::from_definition).
//!
//! **Naming.** Setters are named after what they set: `env`, `dir`, `mode`, `parents`. If a type
//! also has a getter for the value, the getter begins with `get_`, like those of
//! [`std::process::Command`]. Setters that apply to any vertex ([`Constrain`]) are participles:
//! `named`, `located`. The [`prelude`] has what most programs need, and [`Error`] covers all
//! errors.
//!
//! # Processes
//!
//! [`State::run`] runs an [`Exec`]: arguments, settings, [`Mount`]s, [`Secret`]s, [`SshSocket`]s,
//! [`Device`]s. The returned [`Run`] has several results: the root file system, and the content of
//! each mount that is neither read-only nor a cache.
//!
//! # Files
//!
//! [`State::file`] changes files without running a process: [`Mkdir`], [`Mkfile`], [`Symlink`],
//! [`Remove`], [`struct@Copy`]. A chain of actions is a single vertex, and so one layer and one
//! cache entry.
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
//! # Layers and dependencies
//!
//! [`State::merge`] overlays file systems, and [`State::diff`] computes the difference between two;
//! [`State::parallel`] combines both, for branches that are built at the same time.
//! [`State::requires`] makes a state depend on the success of others without including their
//! content; [`State::requires_supported`] does the same on daemons that lack this feature, too.
//!
//! # Names, locations, caching
//!
//! Every operation has the setters of [`Constrain`]: its name in progress output, the source lines
//! that it comes from, whether it uses the cache, its platform and more.
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
//! [`State::marshal`] returns a [`Definition`]. [`MarshalOptions`] apply to the whole graph: the
//! platform of operations that have none, what the daemon supports, metadata. Marshalling can't
//! fail: a state is always a complete graph without cycles.
//!
//! Time and memory are proportional to the size of the graph: a state's settings are shared, not
//! looked up along the chain, and nothing recurses, so a chain of a million vertices needs no more
//! stack than one of ten. Equal vertices appear once in the definition, however often and in
//! whatever order they were created.
//!
//! # Validation
//!
//! Mistakes are found in two places.
//!
//! Values that are parsed are checked by their constructors, with an error type for each module:
//! references to images, blobs and layouts, checksums, platforms, download URLs and Git URLs, Git
//! options that exclude each other, command lines to split, image configurations, passthroughs and
//! builds without inputs, outputs that a run doesn't have.
//!
//! Everything else is accepted as it is, and checked by [`Definition::verify`] (or
//! [`State::verify`], for a graph that isn't marshalled anyway): paths, names, arguments and
//! variables, modes, sizes and limits, patterns, worker filters, indexes, and options that exclude
//! each other. It applies the checks that daemons make when they load and run an operation, covers
//! imported operations, and finds all mistakes at once, each with its vertex, field and source
//! location. Marshalling doesn't call it, since it takes about as long as marshalling; call it
//! before sending a graph.
//!
//! The rest can only be checked by the daemon: whether images, files and users exist, and what is
//! allowed.
//!
//! # Capabilities
//!
//! Daemons differ in what they support. Each use of a feature records its [`Capability`] in the
//! graph, as in Go. [`Definition::check`] compares these with a daemon's [`Support`] and names the
//! missing capability and the BuildKit release that has it; the daemon itself would refuse the
//! graph with a less helpful message.
//!
//! ```
//! use buildkit_llb::{Capability, Exec, MarshalOptions, State, Support};
//!
//! let base = State::image("alpine")?;
//! let both = State::parallel(&base, [&base.run(Exec::shell("a")).root()]);
//! let old = Support::from_capabilities(Capability::ALL.iter().copied().filter(|&capability| {
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
//! [`Graph`] decodes any definition, and writes it as a tree, as JSON and for Graphviz. Fields of
//! an operation that this crate doesn't know are never lost: [`State::from_definition`] keeps the
//! original bytes.
//!
//! # Differences from Go
//!
//! Bytes and metadata are the same as those of `client/llb` in BuildKit 0.32, with these deliberate
//! exceptions:
//!
//! - Metadata given for a whole graph does not leak from one vertex into others, and a vertex
//!   doesn't keep a capability that it needed when it was marshalled for another daemon.
//! - Locations of an imported operation with several used outputs are not doubled.
//! - Imported operations may lack metadata.
//! - SSH servers are not asked for their host keys while a graph is created.
//! - What Go refuses when marshalling is refused by constructors, or by [`Definition::verify`],
//!   which also finds mistakes that Go leaves to the daemon.
//! - More than twelve mounts at the same path keep the order in which they were given.
//!
//! As in Go, capabilities of individual options of file operations are *not* recorded: the
//! documentation of the types says which ones to check for.
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
pub use verify::{Finding, Problem, VerifyError};
pub use when::When;
