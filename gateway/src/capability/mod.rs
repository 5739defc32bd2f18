//! Capabilities of daemons.
//!
//! Daemons don't report a version that can be relied on; they list their capabilities. This crate
//! checks for every feature that the first version of BuildKit didn't have before using it, and the
//! [table] says what happens if it is missing.

mod set;
pub mod table;
mod worker;

use std::fmt;

pub use set::CapabilitySet;
pub use worker::Worker;

use buildkit_llb::Support;
use buildkit_proto::caps::ApiCap;
use buildkit_proto::gateway::PongResponse;

/// A feature that a daemon may or may not support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capability {
    /// The name in the daemon's list.
    pub id: &'static str,
    /// The feature, worded to follow "can't".
    pub feature: &'static str,
    /// The first version of BuildKit with the capability.
    pub since: &'static str,
    /// What this crate does if the capability is missing.
    pub without: Fallback,
}

/// What happens if a daemon lacks a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fallback {
    /// The call fails with [`UnsupportedCapability`].
    Refuse,
    /// The call works in another way; the text says how.
    Alternative(&'static str),
    /// Nothing, since this crate never relies on the capability; the text says why.
    Unused(&'static str),
}

/// The error returned when the daemon lacks a capability.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct UnsupportedCapability {
    /// The name of the missing capability.
    pub id: String,
    /// The feature, worded to follow "can't", if known.
    pub feature: Option<String>,
    /// The first version of BuildKit with the capability, if known.
    pub since: Option<String>,
    /// The reason why the daemon has it disabled, if it is listed at all.
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

/// What a daemon reported about itself when the connection was opened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Capabilities for the calls of this crate.
    pub gateway: CapabilitySet,
    /// Capabilities for graphs. Each operation records the ones that it needs.
    pub llb: Support,
    /// The daemon's workers. The first platform of the first worker is the build platform.
    pub workers: Vec<Worker>,
}

impl Capabilities {
    /// Converts the daemon's answer. An answer without lists comes from a daemon that is older than
    /// the lists, whose capabilities are known.
    pub(crate) fn from_wire(pong: PongResponse) -> Self {
        let mut gateway = CapabilitySet::from_wire(pong.frontend_api_caps);
        if gateway.is_empty() {
            gateway = CapabilitySet::from_ids(table::BEFORE_LISTS.map(|capability| capability.id));
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
    /// Returns no capabilities at all.
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
