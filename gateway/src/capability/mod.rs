//! What a daemon can do.
//!
//! Daemons don't say which version they are in a way to rely on; they list what they can do.
//! Whatever a first version of BuildKit didn't have is asked for here before it is used, and the
//! [table] says what happens where it is missing.

mod set;
pub mod table;
mod worker;

use std::fmt;

pub use set::CapabilitySet;
pub use worker::Worker;

use buildkit_llb::Support;
use buildkit_proto::caps::ApiCap;
use buildkit_proto::gateway::PongResponse;

/// Something that a daemon can or can't do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// The name in the daemon's list.
    pub id: &'static str,
    /// What it is, in words that follow "can't".
    pub feature: &'static str,
    /// The first version of BuildKit that has it.
    pub since: &'static str,
    /// What this crate does where it is missing.
    pub without: Fallback,
}

/// What happens where a daemon lacks a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fallback {
    /// The call fails with [`UnsupportedCapability`].
    Refuse,
    /// The call does without; the text says how.
    Instead(&'static str),
    /// Nothing, since this crate never relies on it; the text says why.
    Unused(&'static str),
}

/// The daemon lacks a capability.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct UnsupportedCapability {
    /// The name of what is missing.
    pub id: String,
    /// What it is, in words that follow "can't", if known.
    pub feature: Option<String>,
    /// The first version of BuildKit that has it, if known.
    pub since: Option<String>,
    /// Why the daemon has it switched off, if it has it at all.
    pub disabled: Option<String>,
}

impl fmt::Display for UnsupportedCapability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            feature,
            since,
            disabled,
        } = self;
        match feature {
            Some(feature) => write!(formatter, "this BuildKit can't {feature} (`{id}`)")?,
            None => write!(formatter, "this BuildKit lacks `{id}`")?,
        }
        match (disabled, since) {
            (Some(reason), _) if reason.is_empty() => formatter.write_str(": it is switched off"),
            (Some(reason), _) => write!(formatter, ": it is switched off: {reason}"),
            (None, Some(since)) => write!(formatter, ": BuildKit {since} or later is needed"),
            (None, None) => formatter.write_str(": a later one is needed"),
        }
    }
}

/// What a daemon said about itself when the connection was opened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Capabilities {
    /// For the calls of this crate.
    pub gateway: CapabilitySet,
    /// For graphs; each operation records the ones that it needs.
    pub llb: Support,
    /// What runs the builds. The first platform of the first one is the build platform.
    pub workers: Vec<Worker>,
}

impl Capabilities {
    /// Reads the daemon's answer. An answer without lists is from a daemon older than the lists, of
    /// which it is known what it can do.
    pub(crate) fn from_wire(pong: PongResponse) -> Self {
        let mut gateway = CapabilitySet::from_wire(pong.frontend_api_caps);
        if gateway.is_empty() {
            gateway = CapabilitySet::of(table::BEFORE_LISTS.map(|capability| capability.id));
        }
        let llb = if pong.llb_caps.is_empty() {
            Support::before_lists()
        } else {
            pong.llb_caps.into_iter().fold(Support::none(), add)
        };
        let workers = pong.workers.into_iter().map(Worker::from_wire).collect();
        Self {
            gateway,
            llb,
            workers,
        }
    }
}

impl Default for Capabilities {
    /// Has nothing at all.
    fn default() -> Self {
        Self {
            gateway: CapabilitySet::default(),
            llb: Support::none(),
            workers: Vec::new(),
        }
    }
}

fn add(support: Support, capability: ApiCap) -> Support {
    if capability.enabled {
        support.enable(capability.id)
    } else {
        support.disable(capability.id, capability.disabled_reason_msg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_lists_is_an_old_daemon() {
        let capabilities = Capabilities::from_wire(PongResponse::default());
        assert!(capabilities.gateway.supports(&table::READ_FILE));
        assert!(!capabilities.gateway.supports(&table::RETURN));
        assert!(capabilities.llb.lists("soruce.http.uidgid"));
        assert!(!capabilities.llb.lists("file.base"));
    }

    #[test]
    fn messages_name_what_is_missing() {
        let unsupported = CapabilitySet::default()
            .require(&table::WARNINGS)
            .unwrap_err();
        assert_eq!(
            unsupported.to_string(),
            "this BuildKit can't show warnings (`gateway.warnings`): \
             BuildKit 0.10 or later is needed"
        );
    }
}
