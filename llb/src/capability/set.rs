//! Sets of capabilities. Every vertex has one.

use std::fmt;

use super::Capability;

/// A set of capabilities, in the order of the capability table.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct CapabilitySet(u128);

// One bit for each capability.
const _: () = assert!(Capability::ALL.len() <= 128);

impl CapabilitySet {
    /// Returns the empty set.
    pub const fn new() -> Self {
        Self(0)
    }

    /// Returns the set with one capability added.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u32)
    }

    /// Adds a capability.
    pub const fn insert(&mut self, capability: Capability) {
        *self = self.with(capability);
    }

    /// Returns the union of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Reports whether a capability is in the set.
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u32 != 0
    }

    /// Reports whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Iterates over the capabilities in the set.
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL
            .iter()
            .copied()
            .filter(move |&capability| self.contains(capability))
    }
}

impl FromIterator<Capability> for CapabilitySet {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        capabilities.into_iter().fold(Self::new(), Self::with)
    }
}

impl fmt::Debug for CapabilitySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_set()
            .entries(self.iter().map(Capability::id))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capability_has_its_own_place() {
        let mut set = CapabilitySet::new();
        assert!(set.is_empty());
        for &capability in Capability::ALL {
            assert!(!set.contains(capability));
            set.insert(capability);
            assert!(set.contains(capability));
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), Capability::ALL);
        assert_eq!(
            Capability::ALL.iter().copied().collect::<CapabilitySet>(),
            set
        );
    }
}
