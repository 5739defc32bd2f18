//! Mounts of a process.

use std::borrow::Cow;

use crate::state::State;
use crate::vertex::OutputIndex;

/// A file system mounted at a path of a process.
///
/// Each kind of mount has a type with its options: [`BindMount`], [`CacheMount`] and [`Tmpfs`]. All of
/// them convert to this type.
///
/// Mounts are encoded, and their outputs numbered, in the byte order of their paths, not in the order in
/// which they were given.
#[derive(Clone, Debug)]
#[must_use = "a mount is given to an exec"]
pub struct Mount {
    pub(crate) destination: Cow<'static, str>,
    pub(crate) kind: MountKind,
    pub(crate) source: State,
    pub(crate) selector: String,
    pub(crate) readonly: bool,
    pub(crate) no_output: bool,
    pub(crate) content_cache: ContentCache,
    /// Set when the exec is bound to a state and its mounts are sorted.
    pub(super) output: Option<OutputIndex>,
}

#[derive(Clone, Debug)]
pub(crate) enum MountKind {
    Bind,
    Cache {
        id: Option<String>,
        sharing: Sharing,
    },
    Tmpfs {
        size: i64,
    },
}

/// What happens when several processes use a cache mount at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sharing {
    /// They share the content.
    #[default]
    Shared,
    /// Each gets its own copy, which is empty at first if none is free.
    Private,
    /// Each waits until the previous one is done.
    Locked,
}

impl Sharing {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Shared => 0,
            Self::Private => 1,
            Self::Locked => 2,
        }
    }
}

/// Whether a process's cache key depends on a mount's content or on how the content was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentCache {
    /// Uses the content where that is safe: for mounts that are read-only or without output.
    #[default]
    Default,
    /// Uses the content, and fails where that isn't safe.
    On,
    /// Uses how the content was made.
    Off,
}

impl ContentCache {
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Default => 0,
            Self::On => 1,
            Self::Off => 2,
        }
    }
}

impl Mount {
    pub(super) fn new(
        destination: impl Into<Cow<'static, str>>,
        kind: MountKind,
        source: State,
    ) -> Self {
        Self {
            destination: destination.into(),
            kind,
            source,
            selector: String::new(),
            readonly: false,
            no_output: false,
            content_cache: ContentCache::Default,
            output: None,
        }
    }

    /// Mounts a state. What the process writes there becomes an output of the run, unless the mount is
    /// read-only or has no output.
    pub fn bind(destination: impl Into<String>, source: &State) -> BindMount {
        BindMount(Self::new(
            destination.into(),
            MountKind::Bind,
            source.clone(),
        ))
    }

    /// Mounts an empty directory, which becomes an output of the run.
    pub fn scratch(destination: impl Into<String>) -> BindMount {
        Self::bind(destination, &State::scratch())
    }

    /// Mounts a directory that keeps its content between runs and is not part of any result. The path is
    /// its ID, unless [`CacheMount::id`] sets another.
    pub fn cache(destination: impl Into<String>) -> CacheMount {
        let kind = MountKind::Cache {
            id: None,
            sharing: Sharing::default(),
        };
        CacheMount(Self::new(destination.into(), kind, State::scratch()))
    }

    /// Mounts a directory in memory, which is not part of any result.
    pub fn tmpfs(destination: impl Into<String>) -> Tmpfs {
        let kind = MountKind::Tmpfs { size: 0 };
        Tmpfs(Self::new(destination.into(), kind, State::scratch()))
    }

    /// Mounts only this path of the source.
    pub fn selector(mut self, path: impl Into<String>) -> Self {
        self.selector = path.into();
        self
    }

    /// Makes the mount read-only. Its output is its source.
    pub fn readonly(mut self) -> Self {
        self.readonly = true;
        self
    }

    /// Sets how the mount contributes to the cache key.
    pub fn content_cache(mut self, mode: ContentCache) -> Self {
        self.content_cache = mode;
        self
    }

    /// Reports whether what is written to the mount is a result of the run.
    pub(super) fn has_output(&self) -> bool {
        matches!(self.kind, MountKind::Bind) && !self.readonly && !self.no_output
    }
}

/// A mount of a state or of an empty directory ([`Mount::bind`], [`Mount::scratch`]).
#[derive(Clone, Debug)]
#[must_use = "a mount is given to an exec"]
pub struct BindMount(Mount);

/// A mount of a directory that keeps its content between runs ([`Mount::cache`]).
#[derive(Clone, Debug)]
#[must_use = "a mount is given to an exec"]
pub struct CacheMount(Mount);

/// A mount of a directory in memory ([`Mount::tmpfs`]).
#[derive(Clone, Debug)]
#[must_use = "a mount is given to an exec"]
pub struct Tmpfs(Mount);

impl BindMount {
    /// Discards what the process writes. Daemons older than BuildKit 0.6.1
    /// ([`Capability::ExecMountBindReadWriteNoOutput`](crate::Capability::ExecMountBindReadWriteNoOutput))
    /// need an output instead, which may stay unused.
    pub fn without_output(mut self) -> Self {
        self.0.no_output = true;
        self
    }
}

impl CacheMount {
    /// Sets the ID: mounts with the same ID share their content. An empty ID stands for the path.
    pub fn id(mut self, cache_id: impl Into<String>) -> Self {
        if let MountKind::Cache { id, .. } = &mut self.0.kind {
            *id = Some(cache_id.into()).filter(|id| !id.is_empty());
        }
        self
    }

    /// Sets what happens when several processes use the content at the same time.
    pub fn sharing(mut self, mode: Sharing) -> Self {
        if let MountKind::Cache { sharing, .. } = &mut self.0.kind {
            *sharing = mode;
        }
        self
    }

    /// Sets the initial content of a new cache.
    pub fn seed(mut self, content: &State) -> Self {
        self.0.source = content.clone();
        self
    }
}

impl Tmpfs {
    /// Limits the size, in bytes; 0 is unlimited.
    pub fn size(mut self, bytes: i64) -> Self {
        self.0.kind = MountKind::Tmpfs { size: bytes };
        self
    }
}

/// Options that several kinds of mounts share.
macro_rules! kinds {
    ($($kind:ident),*) => {$(
        impl From<$kind> for Mount {
            fn from(mount: $kind) -> Self {
                mount.0
            }
        }

        impl $kind {
            /// Mounts only this path of the source.
            pub fn selector(self, path: impl Into<String>) -> Self {
                Self(self.0.selector(path))
            }

            /// Makes the mount read-only. Its output is its source.
            pub fn readonly(self) -> Self {
                Self(self.0.readonly())
            }

            /// Sets how the mount contributes to the cache key.
            pub fn content_cache(self, mode: ContentCache) -> Self {
                Self(self.0.content_cache(mode))
            }
        }
    )*};
}

kinds!(BindMount, CacheMount, Tmpfs);
