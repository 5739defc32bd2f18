//! A daemon's list of the capabilities that it supports (`util/apicaps`).

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use super::{Capability, CapabilitySet};

/// The capabilities that a daemon reports.
///
/// A daemon lists its capabilities when a frontend connects. A daemon that lists none is older than capability lists, and is
/// assumed to support what BuildKit supported then: see [`Support::before_lists`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// By name on the wire, since a daemon may be newer than this library's table. Shared, since every marshalled graph holds it.
    states: Arc<BTreeMap<String, State>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Enabled,
    Disabled(String),
}

/// The error returned when a daemon lacks a capability that a graph needs.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the daemon cannot do {}: capability `{id}` {reason}", guards(id))]
pub struct UnsupportedCapability {
    /// The capability's name on the wire.
    pub id: String,
    /// Why the capability is missing.
    pub reason: UnsupportedReason,
}

/// The reason why a daemon lacks a capability.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnsupportedReason {
    /// The daemon doesn't list the capability: the daemon is older than the release that introduced it.
    #[error("needs BuildKit {since} or newer")]
    Missing {
        /// The first BuildKit release with the capability.
        since: &'static str,
    },
    /// The daemon knows the capability but has it disabled, because an operator turned it off or because the machine lacks
    /// something that it needs.
    #[error("is disabled{}{message}", if message.is_empty() { "" } else { ": " })]
    Disabled {
        /// The daemon's explanation, which may be empty.
        message: String,
    },
    /// This library doesn't know the capability, so it can't tell what depends on it. Graphs made by newer software cause this.
    #[error("is not known to this version of the library")]
    Unknown,
}

fn guards(id: &str) -> &'static str {
    Capability::from_id(id).map_or("something this graph needs", Capability::guards)
}

impl Support {
    /// Returns a list of no capabilities, to which [`Support::enable`] and [`Support::disable`] add.
    pub fn none() -> Self {
        Self {
            states: Arc::default(),
        }
    }

    /// Returns a list of all capabilities that this library knows, those of BuildKit 0.32.
    pub fn full() -> Self {
        Self::from_capabilities(Capability::ALL.iter().copied())
    }

    /// Returns the capabilities of daemons that are too old to list them (before 0.3.0).
    pub fn before_lists() -> Self {
        use Capability as C;
        Self::from_capabilities([
            C::SourceImage,
            C::SourceLocal,
            C::SourceLocalUnique,
            C::SourceLocalSessionId,
            C::SourceLocalIncludePatterns,
            C::SourceLocalFollowPaths,
            C::SourceLocalExcludePatterns,
            C::SourceLocalSharedKeyHint,
            C::SourceGit,
            C::SourceGitKeepGitDir,
            C::SourceGitFullUrl,
            C::SourceHttp,
            C::SourceHttpChecksum,
            C::SourceHttpPerm,
            C::SourceHttpUidGid,
            C::SourceBuildOpLlbFileName,
            C::ExecMetaBase,
            C::ExecMetaProxyEnv,
            C::ExecMountBind,
            C::ExecMountCache,
            C::ExecMountCacheSharing,
            C::ExecMountSelector,
            C::ExecMountTmpfs,
            C::ExecMountSecret,
            C::Constraints,
            C::Platform,
            C::MetaIgnoreCache,
            C::MetaDescription,
            C::MetaExportCache,
        ])
    }

    /// Returns a list of exactly these capabilities.
    pub fn from_capabilities(capabilities: impl IntoIterator<Item = Capability>) -> Self {
        capabilities
            .into_iter()
            .fold(Self::none(), |support, capability| {
                support.enable(capability.id())
            })
    }

    /// Enables a capability, by its name on the wire.
    #[must_use]
    pub fn enable(mut self, id: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.states).insert(id.into(), State::Enabled);
        self
    }

    /// Marks a capability as known but disabled, with the daemon's explanation.
    #[must_use]
    pub fn disable(mut self, id: impl Into<String>, message: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.states).insert(id.into(), State::Disabled(message.into()));
        self
    }

    /// Checks that a capability is listed and enabled.
    pub fn supports(&self, capability: Capability) -> Result<(), UnsupportedCapability> {
        let reason = match self.states.get(capability.id()) {
            Some(State::Enabled) => return Ok(()),
            Some(State::Disabled(message)) => UnsupportedReason::Disabled {
                message: message.clone(),
            },
            None => UnsupportedReason::Missing {
                since: capability.since(),
            },
        };
        Err(UnsupportedCapability {
            id: capability.id().to_owned(),
            reason,
        })
    }

    /// Checks a capability by its name on the wire. A capability that this library doesn't know counts as unsupported even if the
    /// daemon lists it, as in Go.
    pub fn supports_id(&self, id: &str) -> Result<(), UnsupportedCapability> {
        match Capability::from_id(id) {
            Some(capability) => self.supports(capability),
            None => Err(UnsupportedCapability {
                id: id.to_owned(),
                reason: UnsupportedReason::Unknown,
            }),
        }
    }

    /// Checks that every capability in a set is supported. The error names the first that isn't.
    pub fn supports_all(&self, capabilities: CapabilitySet) -> Result<(), UnsupportedCapability> {
        capabilities
            .iter()
            .try_for_each(|capability| self.supports(capability))
    }

    /// Reports whether the daemon lists a capability, enabled or not.
    pub fn lists(&self, id: &str) -> bool {
        self.states.contains_key(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let support = Support::none()
            .enable("mergeop")
            .disable("diffop", "no snapshotter")
            .enable("from.the.future");
        assert_eq!(support.supports(Capability::MergeOp), Ok(()));
        let message = |answer: Result<(), UnsupportedCapability>| {
            answer.expect_err("unsupported").to_string()
        };
        assert_eq!(
            message(support.supports(Capability::DiffOp)),
            "the daemon cannot do differences: capability `diffop` is disabled: no snapshotter"
        );
        assert_eq!(
            message(support.supports(Capability::PassthroughOp)),
            "the daemon cannot do vertices that pass results on and require others: \
             capability `passthroughop` needs BuildKit 0.31.0 or newer"
        );
        assert_eq!(
            message(support.supports_id("from.the.future")),
            "the daemon cannot do something this graph needs: \
             capability `from.the.future` is not known to this version of the library"
        );
        assert!(support.lists("from.the.future") && support.lists("diffop"));
        assert!(!support.lists("passthroughop"));
    }

    #[test]
    fn full_and_old() {
        let everything: CapabilitySet = Capability::ALL.iter().copied().collect();
        assert_eq!(Support::full().supports_all(everything), Ok(()));
        assert!(
            Support::before_lists()
                .supports(Capability::ExecMountSsh)
                .is_err()
        );
        assert!(
            Support::before_lists()
                .supports(Capability::SourceHttpUidGid)
                .is_ok()
        );
    }
}
