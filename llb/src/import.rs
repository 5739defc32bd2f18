//! Going on from a marshalled graph (`client/llb/definition.go`).

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

/// An operation of a marshalled graph, with the bytes that it came with. So it keeps its digest,
/// and all fields that this library doesn't know.
#[derive(Debug)]
pub(crate) struct ImportedOperation {
    pub(crate) bytes: Bytes,
    pub(crate) digest: Digest,
    pub(crate) platform: Option<Arc<Platform>>,
    pub(crate) inputs: Vec<Output>,
}

/// Makes a state of a definition's result. Operations that the result doesn't depend on are left
/// out.
///
/// Go has a vertex for each pair of operation and output, so that the locations of an operation
/// with two used outputs are doubled with every import. Here there is one, so that marshalling
/// gives back what was imported.
pub(crate) fn import(definition: &Definition) -> Result<State, ReadError> {
    let reading = Reading::of(definition)?;
    let Some(result) = reading.result else {
        return Ok(State::scratch());
    };
    let used = used(&reading, result);
    let vertices = vertices(definition, reading, &used)?;
    Ok(State::scratch().with_output(output(&vertices, result)))
}

/// Holds all operations of a marshalled graph, so that graphs can go on from each of them, not only from its result.
#[derive(Clone, Debug)]
pub struct Parts {
    vertices: Vec<Option<Arc<Vertex>>>,
}

impl Parts {
    /// Reads a graph. Its operations keep their bytes, so that their digests stay.
    pub fn of(definition: &Definition) -> Result<Self, ReadError> {
        let reading = Reading::of(definition)?;
        let all = vec![true; reading.operations.len()];
        let vertices = vertices(definition, reading, &all)?;
        Ok(Self { vertices })
    }

    /// Returns a result of an operation: the operation by its place among [`Graph::vertices`](crate::Graph::vertices), and
    /// which of its results.
    pub fn state(&self, vertex: usize, output: i64) -> Option<State> {
        let output = self::output(&self.vertices, Reference { vertex, output })?;
        Some(State::scratch().with_output(Some(output)))
    }
}

/// Makes the operations that are used.
fn vertices(
    definition: &Definition,
    reading: Reading,
    used: &[bool],
) -> Result<Vec<Option<Arc<Vertex>>>, ReadError> {
    let files = definition.source().map(Source::files).unwrap_or_default();
    let maps: Vec<SourceMap> = files.iter().cloned().map(SourceMap::of).collect();
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

/// Says of each operation whether the result depends on it. Each stands after those that it uses.
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

/// Returns a result of a vertex that is made already: all that are used are made before.
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
