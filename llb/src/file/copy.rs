//! Copying files from one state to another.

use std::borrow::Cow;

use super::bound::CopySource;
use super::owner::Owner;
use super::paths;
use super::timestamp::Timestamp;
use crate::constraints::Constraints;

/// Copies files and directories, with the semantics of BuildKit rather than those of `cp`:
///
/// - a directory is copied *as* the destination if that does not exist, and *into* it otherwise,
///   unless [`Copy::contents`] is set;
/// - the destination's parents must exist, unless [`Copy::parents`] is set;
/// - ownership is kept, unless [`Copy::owner`] sets another;
/// - wildcards count only with [`Copy::wildcards`].
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
/// The capabilities of single options are not recorded in the graph, as in Go: look for them
/// before using an option that names one.
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
    /// Those of the chain that begins with the action.
    pub(super) constraints: Option<Box<Constraints>>,
}

/// The permissions of what is copied.
#[derive(Clone, Debug)]
pub(crate) enum CopyMode {
    Keep,
    Bits(u32),
    Symbolic(String),
}

impl Copy {
    /// Copies `source` of a state, or of a chain of actions on one, to `destination`.
    ///
    /// A relative source starts at the working directory of the state that it comes from, and a
    /// relative destination at that of the state that it goes to. A trailing slash counts on the
    /// destination only.
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

    /// Sets the owner of what is copied.
    pub fn owner(mut self, owner: Owner) -> Self {
        self.owner = Some(Box::new(owner));
        self
    }

    /// Sets the permissions of what is copied, all twelve bits of them.
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = CopyMode::Bits(mode);
        self
    }

    /// Sets the permissions in the way of `chmod`, such as `u=rwX,go=rX`. An empty text changes
    /// nothing.
    ///
    /// Daemons since BuildKit 0.17 understand it. There is no capability to look for, and older
    /// ones set permissions to 0.
    pub fn symbolic_mode(mut self, mode: impl Into<String>) -> Self {
        let mode = mode.into();
        if !mode.is_empty() {
            self.mode = CopyMode::Symbolic(mode);
        }
        self
    }

    /// Sets the modification time of what is copied.
    pub fn created(mut self, time: Timestamp) -> Self {
        self.created = time;
        self
    }

    /// Copies what symbolic links in the source path lead to, not the links.
    pub fn follow_symlinks(mut self) -> Self {
        self.follow_symlinks = true;
        self
    }

    /// Copies what is in a directory, not the directory itself.
    pub fn contents(mut self) -> Self {
        self.contents = true;
        self
    }

    /// Unpacks a source that is a tar archive, compressed or not, as `ADD` does.
    pub fn unpack(mut self) -> Self {
        self.unpack = true;
        self
    }

    /// Makes the destination's missing parents.
    pub fn parents(mut self) -> Self {
        self.make_parents = true;
        self
    }

    /// Expands `*`, `?` and `[…]` in the source path.
    pub fn wildcards(mut self) -> Self {
        self.wildcards = true;
        self
    }

    /// Succeeds also if wildcards match nothing.
    pub fn allow_no_match(mut self) -> Self {
        self.allow_no_match = true;
        self
    }

    /// Replaces what is at the destination, even a directory by a file. Needs
    /// [`Capability::FileCopyAlwaysReplaceExistingDestPaths`](crate::Capability::FileCopyAlwaysReplaceExistingDestPaths).
    pub fn replace(mut self) -> Self {
        self.replace = true;
        self
    }

    /// Copies only what matches one of these patterns, in the syntax of `.dockerignore`. Adds to
    /// earlier ones. Needs
    /// [`Capability::FileCopyIncludeExcludePatterns`](crate::Capability::FileCopyIncludeExcludePatterns).
    pub fn include(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.include.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Leaves out what matches one of these patterns, in the syntax of `.dockerignore`. Adds to
    /// earlier ones. Needs
    /// [`Capability::FileCopyIncludeExcludePatterns`](crate::Capability::FileCopyIncludeExcludePatterns).
    pub fn exclude(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.exclude.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Fails if one of these paths is not there. Adds to earlier ones; has an effect only together
    /// with [`Copy::include`]. Needs
    /// [`Capability::FileCopyRequiredPaths`](crate::Capability::FileCopyRequiredPaths).
    pub fn required(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.required.extend(paths.into_iter().map(Into::into));
        self
    }
}
