//! Results of operations that a daemon would run, by their name in progress output.

use std::collections::BTreeMap;

use buildkit_llb::{Graph, GraphVertex};
use buildkit_proto::ops::Definition;

use super::sources::Files;
use crate::failure::{Failure, SourcePosition};

#[derive(Default)]
pub(super) struct Steps {
    pub(super) results: BTreeMap<String, Files>,
    pub(super) failures: BTreeMap<String, Failure>,
}

impl Steps {
    /// Returns the error of building a graph, with the operation and its locations, like a daemon.
    pub(super) fn failure(&self, definition: &Definition) -> Option<Failure> {
        if self.failures.is_empty() {
            return None;
        }
        let definition = buildkit_llb::Definition::try_from(definition.clone()).ok()?;
        let graph = Graph::read(&definition).ok()?;
        let mut vertices = graph.vertices().iter();
        vertices.find_map(|vertex| {
            let failure = self.failures.get(&vertex.name())?.clone();
            let failure = failure.with_vertex(vertex.digest());
            let places = places(vertex, &definition);
            Some(places.iter().fold(failure, Failure::at))
        })
    }

    /// Returns the files that result from a graph.
    pub(super) fn files(&self, definition: &Definition) -> Option<Files> {
        if self.results.is_empty() {
            return None;
        }
        let definition = buildkit_llb::Definition::try_from(definition.clone()).ok()?;
        let graph = Graph::read(&definition).ok()?;
        let (vertex, _) = graph.result()?;
        self.results.get(&vertex.name()).cloned()
    }
}

fn places(vertex: &GraphVertex, definition: &buildkit_llb::Definition) -> Vec<SourcePosition> {
    let files = definition.source().map_or(&[][..], |source| source.files());
    let places = vertex.locations().iter().filter_map(|location| {
        let file = files.get(usize::try_from(location.file()).ok()?)?;
        let place = SourcePosition::from_file(file.clone());
        let ranges = location.ranges().iter().copied();
        Some(ranges.fold(place, SourcePosition::range))
    });
    places.collect()
}
