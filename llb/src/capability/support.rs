//! A daemon's answer to what it can do (`util/apicaps`).

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

use super::{Capability, CapabilitySet};

/// Holds what a daemon says that it can do.
///
/// A daemon lists its capabilities when a frontend connects. One that lists none is older than the
/// list, and is taken to have what BuildKit had then: see [`Support::before_lists`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// By name on the wire: a daemon may be newer than this library's table. Shared, since every graph that is marshalled has them.
    states: Arc<BTreeMap<String, State>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Enabled,
    Disabled(String),
}

/// Says that a daemon lacks a capability that is needed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the daemon cannot do {}: capability `{id}` {reason}", guards(id))]
pub struct UnsupportedCapability {
    /// The capability's name on the wire.
    pub id: String,
    /// Why it isn't there.
    pub reason: UnsupportedReason,
}

/// Says why a daemon lacks a capability.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnsupportedReason {
    /// The daemon doesn't list it; it is older than the release that introduced it.
    #[error("needs BuildKit {since} or newer")]
    Missing {
        /// The first BuildKit release with the capability.
        since: &'static str,
    },
    /// The daemon knows it and has it switched off, as an operator's setting or for lack of
    /// something on its machine.
    #[error("is disabled{}{message}", if message.is_empty() { "" } else { ": " })]
    Disabled {
        /// The daemon's explanation, which may be empty.
        message: String,
    },
    /// This library doesn't know the capability, so it can't tell what would depend on it. A graph
    /// made by newer software causes it.
    #[error("is not known to this version of the library")]
    Unknown,
}

fn guards(id: &str) -> &'static str {
    Capability::from_id(id).map_or("something this graph needs", Capability::guards)
}

impl Support {
    /// Returns support for nothing, to which [`Support::enable`] and [`Support::disable`] add.
    pub fn none() -> Self {
        Self {
            states: Arc::default(),
        }
    }

    /// Returns support for everything that this library knows, as of a BuildKit 0.32.
    pub fn full() -> Self {
        Self::of(Capability::ALL.iter().copied())
    }

    /// Returns what daemons had that are too old to list their capabilities (before 0.3.0).
    pub fn before_lists() -> Self {
        use Capability as C;
        Self::of([
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

    /// Returns support for exactly these capabilities.
    pub fn of(capabilities: impl IntoIterator<Item = Capability>) -> Self {
        capabilities
            .into_iter()
            .fold(Self::none(), |support, capability| {
                support.enable(capability.id())
            })
    }

    /// Returns the support with a capability enabled, by its name on the wire.
    #[must_use]
    pub fn enable(mut self, id: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.states).insert(id.into(), State::Enabled);
        self
    }

    /// Returns the support with a capability known but disabled, with the daemon's explanation.
    #[must_use]
    pub fn disable(mut self, id: impl Into<String>, message: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.states).insert(id.into(), State::Disabled(message.into()));
        self
    }

    /// Checks that a capability is there and enabled.
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

    /// Checks a capability by its name on the wire, which this library may not know. One that it
    /// doesn't know counts as unsupported even if the daemon has it, as in Go.
    pub fn supports_id(&self, id: &str) -> Result<(), UnsupportedCapability> {
        match Capability::from_id(id) {
            Some(capability) => self.supports(capability),
            None => Err(UnsupportedCapability {
                id: id.to_owned(),
                reason: UnsupportedReason::Unknown,
            }),
        }
    }

    /// Checks that all of a set are there, naming the first that isn't.
    pub fn supports_all(&self, capabilities: CapabilitySet) -> Result<(), UnsupportedCapability> {
        capabilities
            .iter()
            .try_for_each(|capability| self.supports(capability))
    }

    /// Reports whether the daemon lists a capability at all, enabled or not.
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
