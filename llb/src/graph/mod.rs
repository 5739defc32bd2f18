//! Decoding of marshalled graphs.

mod describe;
mod dot;
mod edges;
mod json;
mod json_op;
mod limits;
mod tree;

use buildkit_proto::ops;
use bytes::Bytes;
use prost::Message as _;

use crate::decode::DecodeError;
use crate::definition::{Definition, Location, Locations};
use crate::digest::Digest;
use crate::metadata::Metadata;
use crate::reading::{ReadError, Reading, Reference};

/// A decoded graph to inspect: in tests, in tools, or by eye.
///
/// - [`Display`](std::fmt::Display) writes a tree: the input that a vertex starts from is below it
///   at the same depth, its other inputs are indented;
/// - [`Graph::to_dot`] returns the graph for Graphviz;
/// - [`Graph::to_json`] returns everything in the definition.
///
/// ```
/// use buildkit_llb::{Constrain, Exec, Graph, MarshalOptions, Mount, State};
///
/// let context = State::local("context");
/// let app = State::image("alpine:3.20")?
///     .run(Exec::shell("make").mount(Mount::bind("/src", &context).readonly()))
///     .root();
/// let options = MarshalOptions::new().on_platform("linux/amd64".parse()?);
/// let graph = Graph::read(&app.marshal(&options))?;
/// assert_eq!(graph.to_string(), "\
/// ##3 exec /bin/sh -c make (linux/amd64)
///   /src: read-only
///     ##2 source local://context
/// ##1 source docker-image://docker.io/library/alpine:3.20 (linux/amd64)
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Graph {
    vertices: Vec<GraphVertex>,
    result: Option<Reference>,
}

/// A decoded operation, and the definition's metadata about it.
#[derive(Clone, Debug)]
pub struct GraphVertex {
    digest: Digest,
    /// Known to be valid. A decoded operation takes many times the memory.
    bytes: Bytes,
    /// The inputs, resolved, in the order of the operation's inputs.
    inputs: Vec<Reference>,
    metadata: Metadata,
    locations: Locations,
}

impl Graph {
    /// Decodes a definition. Its operations may be in any order.
    ///
    /// Takes time and memory in proportion to the definition's size. A small message with millions
    /// of parts, which would exhaust the memory, is refused.
    pub fn read(definition: &Definition) -> Result<Self, ReadError> {
        let reading = Reading::new(definition)?;
        let metadata = reading.values(definition.metadata());
        let locations = match definition.source() {
            Some(source) => reading.values(source.locations()),
            None => vec![None; reading.operations.len()],
        };
        let said = metadata.into_iter().zip(locations);
        let mut vertices = Vec::with_capacity(reading.operations.len());
        for (operation, (metadata, locations)) in reading.operations.into_iter().zip(said) {
            let position = operation.position;
            ops::Op::decode(&*operation.bytes).map_err(|error| ReadError::Decode {
                position,
                source: DecodeError::of_message(&error),
            })?;
            vertices.push(GraphVertex {
                digest: operation.digest,
                bytes: operation.bytes,
                inputs: operation.inputs,
                metadata: metadata.cloned().unwrap_or_default(),
                locations: locations.cloned().unwrap_or_default(),
            });
        }
        Ok(Self {
            vertices,
            result: reading.result,
        })
    }

    /// Returns the vertices, each after its inputs. The terminal is not included.
    pub fn vertices(&self) -> &[GraphVertex] {
        &self.vertices
    }

    /// Returns the vertex whose result is the graph's, and the index of the result. An empty graph
    /// has none.
    pub fn result(&self) -> Option<(&GraphVertex, i64)> {
        let result = self.result?;
        Some((self.vertices.get(result.vertex)?, result.output))
    }

    /// Iterates over the inputs of a vertex of this graph, in the order of its operation's inputs:
    /// each vertex, and the index of its result.
    pub fn inputs_of(&self, vertex: &GraphVertex) -> impl Iterator<Item = (&GraphVertex, i64)> {
        let inputs = vertex.inputs.iter();
        inputs.filter_map(|input| Some((self.vertices.get(input.vertex)?, input.output)))
    }
}

impl GraphVertex {
    /// Returns the operation's digest.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the operation's bytes: an `Op` message.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns the operation's metadata.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns the operation's source locations.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// Returns the name that progress output shows: the vertex's custom name, or else the one that
    /// the daemon derives from the operation.
    pub fn name(&self) -> String {
        match self.metadata.name() {
            Some(name) => name.to_owned(),
            None => describe::name(&self.op()),
        }
    }

    pub(crate) fn op(&self) -> ops::Op {
        // It was decoded successfully when the graph was read.
        ops::Op::decode(&*self.bytes).unwrap_or_default()
    }

    /// Returns the operation's kind, name and platform on one line.
    fn headline(&self) -> String {
        describe::headline(&self.op(), &self.name())
    }
}
