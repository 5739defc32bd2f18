//! Properties that any vertex may have, whatever its operation.

use std::borrow::Cow;
use std::sync::Arc;

use crate::capability::CapabilitySet;
use crate::few::Few;
use crate::metadata::{LinuxResources, Metadata, ProgressGroup};
use crate::platform::Platform;
use crate::source_map::{Range, SourceLocation, SourceMap};

/// The description key for the name that clients show for a vertex.
pub(crate) const CUSTOM_NAME: &str = "llb.customname";

/// Properties of a vertex apart from its operation: its name, source location, caching, platform
/// and worker.
///
/// The trait [`Constrain`] gives every operation setters for them. A value of this type holds them
/// for several operations, or for a whole graph ([`MarshalOptions`](crate::MarshalOptions)).
///
/// Only the platform and the worker filters are part of a vertex's digest.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    pub(crate) platform: Option<Arc<Platform>>,
    pub(crate) worker_filters: Vec<String>,
    pub(crate) locations: Few<SourceLocation>,
    pub(crate) metadata: Metadata,
}

/// Setters for the [`Constraints`] of sources, exec and file operations, merges and so on.
///
/// ```
/// use buildkit_llb::{Constrain, Exec, State};
///
/// let base = State::image("alpine:3.20")?;
/// let built = base.run(Exec::shell("make").named("build everything").ignore_cache());
/// # let _ = built;
/// # Ok::<(), buildkit_llb::ReferenceError>(())
/// ```
pub trait Constrain: Sized {
    /// Returns a mutable reference to the constraints.
    fn constraints_mut(&mut self) -> &mut Constraints;

    /// Sets the name that progress output shows, instead of the one derived from the operation.
    #[must_use]
    fn named(mut self, name: impl Into<String>) -> Self {
        self.constraints_mut()
            .describe(Cow::Borrowed(CUSTOM_NAME), name.into());
        self
    }

    /// Adds an entry to the description, which clients and tools may read. Replaces the value of an
    /// existing key.
    #[must_use]
    fn described(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.constraints_mut().describe(key.into(), value.into());
        self
    }

    /// Adds a source location. Clients show these lines if the vertex fails.
    #[must_use]
    fn located(mut self, map: &SourceMap, ranges: impl IntoIterator<Item = Range>) -> Self {
        self.constraints_mut().locations.push(SourceLocation {
            map: map.clone(),
            ranges: ranges.into_iter().collect(),
        });
        self
    }

    /// Runs the vertex even if the cache has its result.
    #[must_use]
    fn ignore_cache(mut self) -> Self {
        self.constraints_mut().metadata.ignore_cache = true;
        self
    }

    /// Forces the result into an exported cache (`true`) or keeps it out (`false`). By default, the
    /// cache exporter's mode decides.
    #[must_use]
    fn export_cache(mut self, export: bool) -> Self {
        self.constraints_mut().metadata.export_cache = Some(export);
        self
    }

    /// Adds the vertex to a group that progress output shows as one line.
    #[must_use]
    fn grouped(mut self, group: ProgressGroup) -> Self {
        self.constraints_mut().metadata.progress_group = Some(Arc::new(group));
        self
    }

    /// Limits memory and CPU of an exec's process. Doesn't affect the cache key.
    #[must_use]
    fn limited(mut self, resources: LinuxResources) -> Self {
        self.constraints_mut().metadata.linux_resources = Some(Arc::new(resources));
        self
    }

    /// Sets the platform, without normalizing it.
    ///
    /// Only exec, build and image operations carry a platform; on other sources it sets the
    /// platform of the processes that run on them.
    #[must_use]
    fn on_platform(self, platform: Platform) -> Self {
        self.on_shared_platform(Arc::new(platform))
    }

    /// Sets the platform like [`on_platform`](Constrain::on_platform), sharing one value between
    /// many vertices.
    #[must_use]
    fn on_shared_platform(mut self, platform: Arc<Platform>) -> Self {
        self.constraints_mut().platform = Some(platform);
        self
    }

    /// Adds a filter in containerd's filter syntax. Only workers that match it run the vertex.
    #[must_use]
    fn worker_filter(mut self, filter: impl Into<String>) -> Self {
        self.constraints_mut().worker_filters.push(filter.into());
        self
    }

    /// Adds all of `constraints`: single values are replaced, lists and descriptions are extended.
    #[must_use]
    fn constrained(mut self, constraints: &Constraints) -> Self {
        self.constraints_mut().overlay(constraints);
        self
    }
}

impl Constrain for Constraints {
    fn constraints_mut(&mut self) -> &mut Constraints {
        self
    }
}

impl Constraints {
    /// Creates empty constraints.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the platform as it was given, if one was set.
    pub fn platform(&self) -> Option<&Platform> {
        self.platform.as_deref()
    }

    /// Returns the worker filters, in the order in which they were added.
    pub fn worker_filters(&self) -> &[String] {
        &self.worker_filters
    }

    /// Iterates over the source locations: files, and ranges in them.
    pub fn locations(&self) -> impl ExactSizeIterator<Item = (&SourceMap, &[Range])> {
        let locations = self.locations.iter();
        locations.map(|location| (&location.map, &*location.ranges))
    }

    /// Returns the other properties: name and description, caching, progress group, limits.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    fn describe(&mut self, key: Cow<'static, str>, value: String) {
        let description = self.metadata.description.get_or_insert_default();
        Arc::make_mut(description).insert(key, value);
    }

    fn overlay(&mut self, other: &Self) {
        if let Some(platform) = &other.platform {
            self.platform = Some(platform.clone());
        }
        self.worker_filters.extend_from_slice(&other.worker_filters);
        self.locations.extend(other.locations.iter().cloned());
        self.metadata.merge(&other.metadata);
    }

    /// Records capabilities that the vertex needs.
    pub(crate) fn require(&mut self, capabilities: CapabilitySet) {
        let known = &mut self.metadata.capabilities;
        *known = known.union(capabilities);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlay_replaces_values_and_adds_to_lists() {
        let map = SourceMap::new("f", "L", "text");
        let common = Constraints::new()
            .named("common")
            .described("a", "1")
            .export_cache(true)
            .worker_filter("x")
            .located(&map, [Range::line(1)]);
        let merged = Constraints::new()
            .named("own")
            .described("b", "2")
            .ignore_cache()
            .worker_filter("y")
            .constrained(&common);
        let description = merged.metadata.description.as_deref().expect("described");
        let entries: Vec<_> = description.iter().collect();
        assert_eq!(entries, [("a", "1"), ("b", "2"), (CUSTOM_NAME, "common")]);
        assert_eq!(merged.worker_filters, ["y", "x"]);
        assert_eq!(merged.metadata.export_cache, Some(true));
        assert!(merged.metadata.ignore_cache);
        assert_eq!(merged.locations.len(), 1);
    }

    #[test]
    fn what_is_set_can_be_read() {
        let map = SourceMap::new("f", "L", "text");
        let constraints = Constraints::new()
            .named("name")
            .on_platform(Platform::new("linux", "arm"))
            .worker_filter("x")
            .ignore_cache()
            .located(&map, [Range::line(1)]);
        assert_eq!(constraints.platform(), Some(&Platform::new("linux", "arm")));
        assert_eq!(constraints.worker_filters(), ["x"]);
        assert_eq!(constraints.metadata().name(), Some("name"));
        assert!(constraints.metadata().ignores_cache());
        let places: Vec<_> = constraints.locations().collect();
        assert_eq!(places.len(), 1);
        assert_eq!(places[0].0.file().filename, "f");
        assert_eq!(places[0].1, [Range::line(1)]);
    }
}
