//! Continuing from a marshalled graph (`client/llb/definition.go`).

use std::sync::Arc;

use bytes::Bytes;

use crate::constraints::Constraints;
use crate::definition::{Definition, Locations, Source};
use crate::digest::Digest;
use crate::few::Few;
use crate::metadata::Metadata;
use crate::platform::Platform;
use crate::reading::{ReadError, ReadOperation, Reading, Reference};
use crate::source_map::{SourceLocation, SourceMap};
use crate::state::State;
use crate::vertex::{Operation, Output, OutputIndex, Vertex};

/// An operation of a marshalled graph, with its original bytes. It keeps its digest, and all fields that this library
/// doesn't know.
#[derive(Debug)]
pub(crate) struct ImportedOperation {
    pub(crate) bytes: Bytes,
    pub(crate) digest: Digest,
    pub(crate) platform: Option<Arc<Platform>>,
    pub(crate) inputs: Vec<Output>,
}

/// Creates a state from a definition's result. Operations that the result doesn't depend on are left out.
///
/// Go creates a vertex for each pair of operation and output, so every import doubles the locations of an operation with
/// two used outputs. This library creates one vertex, so marshalling gives back what was imported.
pub(crate) fn import(definition: &Definition) -> Result<State, ReadError> {
    let reading = Reading::new(definition)?;
    let Some(result) = reading.result else {
        return Ok(State::scratch());
    };
    let used = used(&reading, result);
    let vertices = vertices(definition, reading, &used)?;
    Ok(State::scratch().with_output(output(&vertices, result)))
}

/// All operations of a marshalled graph, so that new graphs can continue from any of them, not only from its result.
#[derive(Clone, Debug)]
pub struct Parts {
    vertices: Vec<Option<Arc<Vertex>>>,
}

impl Parts {
    /// Reads a graph. Its operations keep their bytes and so their digests.
    pub fn read(definition: &Definition) -> Result<Self, ReadError> {
        let reading = Reading::new(definition)?;
        let all = vec![true; reading.operations.len()];
        let vertices = vertices(definition, reading, &all)?;
        Ok(Self { vertices })
    }

    /// Returns a result of an operation, given the operation's index in [`Graph::vertices`](crate::Graph::vertices) and
    /// the index of the result.
    pub fn state(&self, vertex: usize, output: i64) -> Option<State> {
        let output = self::output(&self.vertices, Reference { vertex, output })?;
        Some(State::scratch().with_output(Some(output)))
    }
}

/// Creates vertices for the operations that are used.
fn vertices(
    definition: &Definition,
    reading: Reading,
    used: &[bool],
) -> Result<Vec<Option<Arc<Vertex>>>, ReadError> {
    let files = definition.source().map(Source::files).unwrap_or_default();
    let maps: Vec<SourceMap> = files.iter().cloned().map(SourceMap::from_file).collect();
    let locations = match definition.source() {
        Some(source) => reading.values(source.locations()),
        None => vec![None; reading.operations.len()],
    };
    let metadata = reading.values(definition.metadata());
    let mut vertices: Vec<Option<Arc<Vertex>>> = Vec::with_capacity(reading.operations.len());
    for (index, operation) in reading.operations.into_iter().enumerate() {
        let vertex = used[index]
            .then(|| {
                let constraints = Constraints {
                    locations: places(&maps, locations[index])?,
                    metadata: metadata[index].map_or_else(Metadata::default, Clone::clone),
                    ..Constraints::new()
                };
                vertex(operation, &vertices, constraints)
            })
            .transpose()?;
        vertices.push(vertex);
    }
    Ok(vertices)
}

/// Reports for each operation whether the result depends on it. Operations come after their inputs.
fn used(reading: &Reading, result: Reference) -> Vec<bool> {
    let mut used = vec![false; reading.operations.len()];
    used[result.vertex] = true;
    for (index, operation) in reading.operations.iter().enumerate().rev() {
        if used[index] {
            for input in &operation.inputs {
                used[input.vertex] = true;
            }
        }
    }
    used
}

fn vertex(
    operation: ReadOperation,
    vertices: &[Option<Arc<Vertex>>],
    constraints: Constraints,
) -> Result<Arc<Vertex>, ReadError> {
    let inputs = operation.inputs.iter();
    let imported = ImportedOperation {
        platform: operation.platform()?.map(Arc::new),
        inputs: inputs
            .filter_map(|&input| output(vertices, input))
            .collect(),
        bytes: operation.bytes,
        digest: operation.digest,
    };
    Ok(Vertex::new(
        Operation::Imported(Box::new(imported)),
        constraints,
    ))
}

/// Returns a result of an existing vertex: vertices are created before they are used.
fn output(vertices: &[Option<Arc<Vertex>>], reference: Reference) -> Option<Output> {
    Some(Output {
        vertex: vertices.get(reference.vertex)?.clone()?,
        index: OutputIndex(reference.output),
    })
}

fn places(
    maps: &[SourceMap],
    locations: Option<&Locations>,
) -> Result<Few<SourceLocation>, ReadError> {
    let locations = locations.into_iter().flat_map(|all| all.iter());
    let places = locations.map(|location| {
        let map = usize::try_from(location.file)
            .ok()
            .and_then(|index| maps.get(index))
            .ok_or(ReadError::Location {
                index: location.file,
            })?;
        Ok(SourceLocation {
            map: map.clone(),
            ranges: location.ranges.clone(),
        })
    });
    places.collect()
}
