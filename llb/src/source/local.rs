//! Local directories of the client.

use super::json_array::json_array;
use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::constraints::{Constrain, Constraints};
use crate::state::State;

/// A directory of the client, identified by the name that the client gave it.
///
/// Only files that pass the filters are transferred, and of these only the ones that the daemon
/// doesn't have from an earlier build.
///
/// ```
/// use buildkit_llb::Local;
///
/// let state = Local::new("context")
///     .include(["src", "Cargo.*"])
///     .exclude(["**/target"])
///     .shared_key_hint("my-project")
///     .into_state();
/// # let _ = state;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a source becomes a state by `into_state`"]
pub struct Local {
    name: String,
    session: String,
    unique_id: Option<String>,
    include: Vec<String>,
    exclude: Vec<String>,
    follow: Vec<String>,
    shared_key_hint: String,
    differ: Option<(Differ, bool)>,
    /// Files whose content is transferred nevertheless.
    metadata_only: Option<Vec<String>>,
    constraints: Constraints,
}

/// How the client determines which files to transfer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Differ {
    /// Transfers all files.
    None,
    /// Transfers files whose size, time, mode, owner or link changed. This is the default of
    /// daemons.
    Metadata,
}

impl Local {
    /// Creates a source for a directory.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            session: String::new(),
            unique_id: None,
            include: Vec::new(),
            exclude: Vec::new(),
            follow: Vec::new(),
            shared_key_hint: String::new(),
            differ: None,
            metadata_only: None,
            constraints: Constraints::new(),
        }
    }

    /// Sets the ID of the session whose client has the directory. Needs
    /// [`Capability::SourceLocalSessionId`].
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session = id.into();
        self
    }

    /// Sets the ID that distinguishes the directory from those of other clients, instead of
    /// [`MarshalOptions::local_unique_id`](crate::MarshalOptions::local_unique_id). Has no effect
    /// together with a session.
    pub fn unique_id(mut self, id: impl Into<String>) -> Self {
        self.unique_id = Some(id.into()).filter(|id| !id.is_empty());
        self
    }

    /// Transfers only files that match one of these patterns. Can be called repeatedly to add
    /// patterns. Needs [`Capability::SourceLocalIncludePatterns`].
    pub fn include(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.include.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Leaves out files that match one of these patterns, unless a later pattern that begins with
    /// `!` includes them again. Can be called repeatedly to add patterns. Needs
    /// [`Capability::SourceLocalExcludePatterns`].
    pub fn exclude(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.exclude.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Transfers only these paths and the targets of symbolic links in them. Can be called
    /// repeatedly to add paths. Needs [`Capability::SourceLocalFollowPaths`].
    pub fn follow(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.follow.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Lets transfers with the same hint share files that the daemon has already. Needs
    /// [`Capability::SourceLocalSharedKeyHint`].
    pub fn shared_key_hint(mut self, hint: impl Into<String>) -> Self {
        self.shared_key_hint = hint.into();
        self
    }

    /// Sets how changed files are found. Daemons without this option ignore it.
    pub fn differ(mut self, differ: Differ) -> Self {
        self.differ = Some((differ, false));
        self
    }

    /// Like [`Local::differ`], but daemons without this option refuse the graph. Needs
    /// [`Capability::SourceLocalDiffer`].
    pub fn differ_required(mut self, differ: Differ) -> Self {
        self.differ = Some((differ, true));
        self
    }

    /// Transfers only names, sizes and modes, and the content of just these files. Needs
    /// [`Capability::SourceLocalMetadataTransfer`].
    pub fn metadata_only(mut self, except: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.metadata_only = Some(except.into_iter().map(Into::into).collect());
        self
    }

    /// Returns the directory's content.
    pub fn into_state(self) -> State {
        let mut attributes = Attributes::default();
        attributes.capabilities.insert(Capability::SourceLocal);
        let include = list(&self.include);
        let exclude = list(&self.exclude);
        let follow = list(&self.follow);
        for (key, value, capability) in [
            (
                "local.session",
                &self.session,
                Capability::SourceLocalSessionId,
            ),
            (
                "local.includepattern",
                &include,
                Capability::SourceLocalIncludePatterns,
            ),
            (
                "local.excludepatterns",
                &exclude,
                Capability::SourceLocalExcludePatterns,
            ),
            (
                "local.followpaths",
                &follow,
                Capability::SourceLocalFollowPaths,
            ),
            (
                "local.sharedkeyhint",
                &self.shared_key_hint,
                Capability::SourceLocalSharedKeyHint,
            ),
        ] {
            if !value.is_empty() {
                attributes.set(key, value);
                attributes.capabilities.insert(capability);
            }
        }
        if let Some((differ, required)) = self.differ {
            attributes.set("local.differ", differ.as_str());
            if required {
                attributes
                    .capabilities
                    .insert(Capability::SourceLocalDiffer);
            }
        }
        if let Some(except) = &self.metadata_only {
            attributes.set("local.metadatatransfer", "true");
            attributes.set_text("local.metadatatransferexclude", &list(except));
            attributes
                .capabilities
                .insert(Capability::SourceLocalMetadataTransfer);
        }
        let kind = if self.session.is_empty() {
            attributes
                .capabilities
                .insert(Capability::SourceLocalUnique);
            SourceKind::SharedLocal(self.unique_id)
        } else {
            SourceKind::Other
        };
        let identifier = format!("local://{}", self.name);
        attributes.into_state(kind, identifier, self.constraints)
    }
}

/// An empty list is a missing attribute, rather than an empty array.
fn list(values: &[String]) -> String {
    if values.is_empty() {
        return String::new();
    }
    json_array(values)
}

impl Differ {
    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Metadata => "metadata",
        }
    }
}

impl Constrain for Local {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}
