//! Copying files from one state to another.

use std::borrow::Cow;

use super::bound::CopySource;
use super::owner::Owner;
use super::paths;
use super::timestamp::Timestamp;
use crate::constraints::Constraints;

/// An action that copies files and directories, with BuildKit's semantics rather than those of `cp`:
///
/// - a directory is copied *as* the destination if the destination doesn't exist, and *into* it otherwise, unless
///   [`Copy::contents`] is set;
/// - the destination's parents must exist, unless [`Copy::parents`] is set;
/// - ownership is kept, unless [`Copy::owner`] is set;
/// - wildcards are expanded only with [`Copy::wildcards`].
///
/// ```
/// use buildkit_llb::{Copy, Owner, State};
///
/// let context = State::local("context");
/// let state = State::image("nginx:1")?.file(
///     Copy::new(&context, "site/", "/usr/share/nginx/html/")
///         .contents()
///         .exclude(["**/*.map"])
///         .owner(Owner::parse("nginx:nginx")),
/// );
/// # let _ = state;
/// # Ok::<(), buildkit_llb::ReferenceError>(())
/// ```
///
/// As in Go, the capabilities of individual options are not recorded in the graph: check for them before using an option
/// that names one.
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until a state's `file` takes it"]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent options, each with its own setter"
)]
pub struct Copy {
    /// Taken when the action becomes part of a vertex.
    pub(crate) from: Option<CopySource>,
    pub(crate) source: String,
    pub(crate) destination: String,
    pub(crate) owner: Option<Box<Owner>>,
    pub(crate) mode: CopyMode,
    pub(crate) created: Timestamp,
    pub(crate) follow_symlinks: bool,
    pub(crate) contents: bool,
    pub(crate) unpack: bool,
    pub(crate) make_parents: bool,
    pub(crate) wildcards: bool,
    pub(crate) allow_no_match: bool,
    pub(crate) replace: bool,
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) required: Vec<String>,
    /// The constraints of the chain that begins with the action.
    pub(super) constraints: Option<Box<Constraints>>,
}

/// The permissions of the copied files.
#[derive(Clone, Debug)]
pub(crate) enum CopyMode {
    Keep,
    Bits(u32),
    Symbolic(String),
}

impl Copy {
    /// Creates a copy of `source`, in a state or in a chain of actions on one, to `destination`.
    ///
    /// A relative source is resolved against the working directory of the state that it comes from, and a relative
    /// destination against that of the state that it goes to. A trailing slash matters on the destination only.
    pub fn new<'s>(
        from: impl Into<CopySource>,
        source: impl Into<Cow<'s, str>>,
        destination: impl Into<String>,
    ) -> Self {
        let from = from.into();
        Self {
            source: paths::normalize_source(from.directory(), source.into()),
            from: Some(from),
            destination: destination.into(),
            owner: None,
            mode: CopyMode::Keep,
            created: Timestamp::UNSET,
            follow_symlinks: false,
            contents: false,
            unpack: false,
            make_parents: false,
            wildcards: false,
            allow_no_match: false,
            replace: false,
            include: Vec::new(),
            exclude: Vec::new(),
            required: Vec::new(),
            constraints: None,
        }
    }

    /// Sets the owner of the copied files.
    pub fn owner(mut self, owner: Owner) -> Self {
        self.owner = Some(Box::new(owner));
        self
    }

    /// Sets the permissions of the copied files, all twelve bits.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = CopyMode::Bits(mode);
        self
    }

    /// Sets the permissions in the notation of `chmod`, such as `u=rwX,go=rX`. An empty string changes nothing.
    ///
    /// Needs BuildKit 0.17 or newer. There is no capability to check for, and older daemons set the permissions to 0.
    pub fn symbolic_mode(mut self, mode: impl Into<String>) -> Self {
        let mode = mode.into();
        if !mode.is_empty() {
            self.mode = CopyMode::Symbolic(mode);
        }
        self
    }

    /// Sets the modification time of the copied files.
    pub fn created(mut self, time: Timestamp) -> Self {
        self.created = time;
        self
    }

    /// Follows symbolic links in the source path instead of copying the links.
    pub fn follow_symlinks(mut self) -> Self {
        self.follow_symlinks = true;
        self
    }

    /// Copies the contents of a directory, not the directory itself.
    pub fn contents(mut self) -> Self {
        self.contents = true;
        self
    }

    /// Unpacks a source that is a tar archive, compressed or not, as `ADD` does.
    pub fn unpack(mut self) -> Self {
        self.unpack = true;
        self
    }

    /// Creates missing parents of the destination.
    pub fn parents(mut self) -> Self {
        self.make_parents = true;
        self
    }

    /// Expands `*`, `?` and `[…]` in the source path.
    pub fn wildcards(mut self) -> Self {
        self.wildcards = true;
        self
    }

    /// Allows wildcards to match nothing.
    pub fn allow_no_match(mut self) -> Self {
        self.allow_no_match = true;
        self
    }

    /// Replaces whatever exists at the destination, even a directory by a file. Needs
    /// [`Capability::FileCopyAlwaysReplaceExistingDestPaths`](crate::Capability::FileCopyAlwaysReplaceExistingDestPaths).
    pub fn replace(mut self) -> Self {
        self.replace = true;
        self
    }

    /// Copies only files that match one of these patterns, in `.dockerignore` syntax. Can be called repeatedly to add
    /// patterns. Needs [`Capability::FileCopyIncludeExcludePatterns`](crate::Capability::FileCopyIncludeExcludePatterns).
    pub fn include(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.include.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Leaves out files that match one of these patterns, in `.dockerignore` syntax. Can be called repeatedly to add
    /// patterns. Needs [`Capability::FileCopyIncludeExcludePatterns`](crate::Capability::FileCopyIncludeExcludePatterns).
    pub fn exclude(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.exclude.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Fails if one of these paths doesn't exist. Can be called repeatedly to add paths. Has an effect only together with
    /// [`Copy::include`]. Needs [`Capability::FileCopyRequiredPaths`](crate::Capability::FileCopyRequiredPaths).
    pub fn required(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.required.extend(paths.into_iter().map(Into::into));
        self
    }
}
