//! A daemon's list of capabilities.

use std::collections::BTreeMap;

use buildkit_proto::caps::ApiCap;

use super::{Capability, UnsupportedCapability};

/// The capabilities of one daemon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CapabilitySet {
    listed: BTreeMap<String, State>,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Enabled,
    /// Disabled, with the daemon's reason.
    Disabled(String),
}

impl CapabilitySet {
    /// Creates a set of capabilities that are all enabled.
    pub fn from_ids<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self {
            listed: ids
                .into_iter()
                .map(|id| (id.into(), State::Enabled))
                .collect(),
        }
    }

    pub(crate) fn from_wire(listed: Vec<ApiCap>) -> Self {
        let state = |capability: ApiCap| {
            if capability.enabled {
                (capability.id, State::Enabled)
            } else {
                (
                    capability.id,
                    State::Disabled(capability.disabled_reason_msg),
                )
            }
        };
        Self {
            listed: listed.into_iter().map(state).collect(),
        }
    }

    /// Reports whether the daemon lists the capability and has it enabled.
    pub fn supports(&self, capability: &Capability) -> bool {
        self.contains(capability.id)
    }

    /// Reports the same for a capability given by its name.
    pub fn contains(&self, id: &str) -> bool {
        matches!(self.listed.get(id), Some(State::Enabled))
    }

    /// Fails if the daemon lacks the capability.
    pub fn require(&self, capability: &Capability) -> Result<(), UnsupportedCapability> {
        self.require_id(capability.id)
            .map_err(|unsupported| UnsupportedCapability {
                feature: Some(capability.feature.to_owned()),
                since: Some(capability.since.to_owned()),
                ..unsupported
            })
    }

    /// Fails if the daemon lacks the capability with this name.
    pub fn require_id(&self, id: &str) -> Result<(), UnsupportedCapability> {
        let disabled = match self.listed.get(id) {
            Some(State::Enabled) => return Ok(()),
            Some(State::Disabled(reason)) => Some(reason.clone()),
            None => None,
        };
        Err(UnsupportedCapability {
            id: id.to_owned(),
            feature: None,
            since: None,
            disabled,
        })
    }

    /// Iterates over the names of the enabled capabilities.
    pub fn enabled(&self) -> impl Iterator<Item = &str> {
        let listed = self.listed.iter();
        listed
            .filter(|(_, state)| **state == State::Enabled)
            .map(|(id, _)| id.as_str())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;

    #[test]
    fn tells_missing_from_disabled() {
        let disabled = ApiCap {
            id: table::EXEC.id.to_owned(),
            disabled_reason_msg: "not allowed here".to_owned(),
            ..ApiCap::default()
        };
        let enabled = ApiCap {
            id: "readfile".to_owned(),
            enabled: true,
            ..ApiCap::default()
        };
        let set = CapabilitySet::from_wire(vec![disabled, enabled]);
        assert!(set.supports(&table::READ_FILE));
        assert!(!set.supports(&table::EXEC));
        assert_eq!(set.enabled().collect::<Vec<_>>(), ["readfile"]);
        assert_eq!(
            set.require(&table::EXEC).unwrap_err().disabled.as_deref(),
            Some("not allowed here")
        );
        assert_eq!(set.require(&table::EVALUATE).unwrap_err().disabled, None);
    }
}
