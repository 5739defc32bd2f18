//! Metadata about a vertex, outside of its bytes (`OpMetadata`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::capability::{Capability, CapabilitySet, Support, UnsupportedCapability};
use crate::constraints::CUSTOM_NAME;
use crate::description::{Description, SharedDescription};

/// Metadata about a vertex that isn't part of its digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    pub(crate) ignore_cache: bool,
    pub(crate) export_cache: Option<bool>,
    pub(crate) capabilities: CapabilitySet,
    /// Capabilities that this library doesn't know, from definitions made by other software.
    pub(crate) unknown_capabilities: Option<Arc<BTreeSet<String>>>,
    pub(crate) description: Option<SharedDescription>,
    pub(crate) progress_group: Option<Arc<ProgressGroup>>,
    pub(crate) linux_resources: Option<Arc<LinuxResources>>,
}

impl Metadata {
    /// Reports whether the vertex runs even when the cache has its result.
    pub fn ignores_cache(&self) -> bool {
        self.ignore_cache
    }

    /// Returns whether the result goes into an exported cache, if the vertex sets it.
    pub fn exports_cache(&self) -> Option<bool> {
        self.export_cache
    }

    /// Returns the name that progress output shows, if one was given.
    pub fn name(&self) -> Option<&str> {
        self.description.as_ref()?.get(CUSTOM_NAME)
    }

    /// Iterates over the entries of the description, sorted by key.
    pub fn description(&self) -> impl Iterator<Item = (&str, &str)> {
        let description = self.description.as_deref();
        description.into_iter().flat_map(Description::iter)
    }

    /// Returns the capabilities that the vertex needs and that this library knows.
    pub fn capabilities(&self) -> CapabilitySet {
        self.capabilities
    }

    /// Iterates over the names of needed capabilities that this library doesn't know.
    pub fn unknown_capabilities(&self) -> impl Iterator<Item = &str> {
        let ids = self.unknown_capabilities.as_deref().into_iter().flatten();
        ids.map(String::as_str)
    }

    /// Returns the group under which progress output shows the vertex.
    pub fn progress_group(&self) -> Option<&ProgressGroup> {
        self.progress_group.as_deref()
    }

    /// Returns the resource limits of the vertex's process.
    pub fn linux_resources(&self) -> Option<&LinuxResources> {
        self.linux_resources.as_deref()
    }

    /// Checks that a daemon supports every capability that the vertex needs.
    pub fn check(&self, support: &Support) -> Result<(), UnsupportedCapability> {
        support.supports_all(self.capabilities)?;
        self.unknown_capabilities()
            .try_for_each(|id| support.supports_id(id))
    }

    /// Merges `other` into this metadata; `other` takes precedence (`mergeMetadata` in
    /// `client/llb/state.go`).
    ///
    /// Go shares the maps of metadata that was given for a whole graph, so an operation's name
    /// leaks into later operations. Here, each vertex has its own.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.ignore_cache |= other.ignore_cache;
        self.export_cache = other.export_cache.or(self.export_cache);
        self.capabilities = self.capabilities.union(other.capabilities);
        if let Some(ids) = &other.unknown_capabilities {
            Arc::make_mut(self.unknown_capabilities.get_or_insert_default())
                .extend(ids.iter().cloned());
        }
        match (&mut self.description, &other.description) {
            (_, None) => {}
            (Some(own), Some(entries)) if Arc::ptr_eq(own, entries) => {}
            (Some(own), Some(entries)) if entries.has_all_of(own) => *own = entries.clone(),
            (Some(own), Some(entries)) => Arc::make_mut(own).merge(entries),
            (own @ None, Some(entries)) => *own = Some(entries.clone()),
        }
        if let Some(group) = &other.progress_group {
            self.progress_group = Some(group.clone());
        }
        if let Some(resources) = &other.linux_resources {
            self.linux_resources = Some(resources.clone());
        }
    }

    /// Returns the names of all needed capabilities, in byte order.
    pub(crate) fn capability_ids(&self) -> BTreeSet<&str> {
        self.capabilities
            .iter()
            .map(|capability| -> &str { capability.id() })
            .chain(self.unknown_capabilities())
            .collect()
    }

    /// Adds a capability by its name on the wire.
    pub(crate) fn require_id(&mut self, id: &str) {
        match Capability::from_id(id) {
            Some(capability) => self.capabilities.insert(capability),
            None => {
                Arc::make_mut(self.unknown_capabilities.get_or_insert_default())
                    .insert(id.to_owned());
            }
        }
    }

    /// Sets the description; an empty one counts as none.
    pub(crate) fn set_description(&mut self, entries: BTreeMap<String, String>) {
        self.description = (!entries.is_empty()).then(|| Arc::new(entries.into()));
    }
}

/// A group of vertices that progress output shows as one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProgressGroup {
    /// The group's ID. Vertices with the same ID are in the same group.
    pub id: String,
    /// The group's name in progress output.
    pub name: String,
    /// Whether the vertex is a weak member: the group stays hidden while only weak members run.
    pub weak: bool,
}

impl ProgressGroup {
    /// Creates a group, of which the vertex is a regular member.
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            weak: false,
        }
    }

    /// Makes the vertex a weak member, which on its own doesn't show the group.
    #[must_use]
    pub fn weak(mut self) -> Self {
        self.weak = true;
        self
    }
}

/// Limits on memory and CPU of a process, enforced by Linux control groups. Zero and empty values
/// mean no limit. Needs [`Capability::ExecMetaLinuxResources`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LinuxResources {
    /// The memory limit, in bytes.
    pub memory: i64,
    /// The limit on memory and swap together, in bytes; -1 is unlimited swap.
    pub memory_swap: i64,
    /// The weight of the process's CPU time relative to other processes; 1024 is the default share.
    pub cpu_shares: u64,
    /// The length of a scheduling period, in microseconds.
    pub cpu_period: u64,
    /// The limit on CPU time per scheduling period, in microseconds.
    pub cpu_quota: i64,
    /// The CPUs that may be used, such as `0-3,5`.
    pub cpuset_cpus: String,
    /// The memory nodes that may be used, such as `0,1`.
    pub cpuset_mems: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_leaves_shared_maps_alone() {
        let common = Metadata {
            description: Some(Arc::new(BTreeMap::from([("a".into(), "1".into())]).into())),
            ..Metadata::default()
        };
        let mut first = common.clone();
        let own = BTreeMap::from([(CUSTOM_NAME.into(), "first".into())]);
        first.merge(&Metadata {
            description: Some(Arc::new(own.into())),
            ..Metadata::default()
        });
        assert_eq!(first.name(), Some("first"));
        assert_eq!(common.name(), None);
    }

    #[test]
    fn unknown_capabilities_fail_the_check() {
        let mut metadata = Metadata::default();
        metadata.require_id("file.base");
        assert_eq!(metadata.check(&Support::full()), Ok(()));
        metadata.require_id("file.future");
        assert_eq!(
            metadata.capability_ids().into_iter().collect::<Vec<_>>(),
            ["file.base", "file.future"]
        );
        assert!(metadata.check(&Support::full()).is_err());
    }
}
