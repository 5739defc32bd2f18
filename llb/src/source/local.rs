//! Directories of the client.

use super::json_array::json_array;
use super::operation::{Attributes, SourceKind};
use crate::capability::Capability;
use crate::constraints::{Constrain, Constraints};
use crate::state::State;

/// Takes a directory of the client, by the name that the client gave it.
///
/// Only what the filters let through is transferred, and of that only what the daemon does not
/// have from an earlier build.
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
    /// Files of which the content is transferred nevertheless.
    metadata_only: Option<Vec<String>>,
    constraints: Constraints,
}

/// Chooses how the client finds out which files to transfer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Differ {
    /// Transfers all.
    None,
    /// Transfers those of which size, time, mode, owner or link changed; what daemons do unless
    /// told otherwise.
    Metadata,
}

impl Local {
    /// Names a directory.
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

    /// Names the session of the client that has the directory. Needs
    /// [`Capability::SourceLocalSessionId`].
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session = id.into();
        self
    }

    /// Sets the id that tells the directory apart from those of other clients, instead of the one
    /// of [`MarshalOptions::local_unique_id`](crate::MarshalOptions::local_unique_id). Has no
    /// effect together with a session.
    pub fn unique_id(mut self, id: impl Into<String>) -> Self {
        self.unique_id = Some(id.into()).filter(|id| !id.is_empty());
        self
    }

    /// Transfers only what matches one of these patterns. Adds to earlier ones. Needs
    /// [`Capability::SourceLocalIncludePatterns`].
    pub fn include(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.include.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Leaves out what matches one of these patterns, except what a later one that begins with `!`
    /// brings back. Adds to earlier ones. Needs [`Capability::SourceLocalExcludePatterns`].
    pub fn exclude(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.exclude.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Transfers only these paths and what symbolic links in them lead to. Adds to earlier ones.
    /// Needs [`Capability::SourceLocalFollowPaths`].
    pub fn follow(mut self, paths: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.follow.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Lets transfers with the same hint share what the daemon has already. Needs
    /// [`Capability::SourceLocalSharedKeyHint`].
    pub fn shared_key_hint(mut self, hint: impl Into<String>) -> Self {
        self.shared_key_hint = hint.into();
        self
    }

    /// Chooses how changed files are found; daemons that can't do it differently ignore this.
    pub fn differ(mut self, differ: Differ) -> Self {
        self.differ = Some((differ, false));
        self
    }

    /// As [`Local::differ`], but daemons that can't do it refuse the graph. Needs
    /// [`Capability::SourceLocalDiffer`].
    pub fn differ_required(mut self, differ: Differ) -> Self {
        self.differ = Some((differ, true));
        self
    }

    /// Transfers names, sizes and modes only, and content of just these files. Needs
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

/// An empty list is no attribute at all, rather than an empty array.
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
