//! Reading of marshalled graphs.

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

/// Holds a marshalled graph in decoded form, to look at: for tests, for tools, for people.
///
/// - [`Display`](std::fmt::Display) writes a tree: what a vertex is made on stands below it at the
///   same depth, what it uses besides stands indented;
/// - [`Graph::to_dot`] writes the graph for Graphviz;
/// - [`Graph::to_json`] gives everything that is in the definition.
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

/// Holds a decoded operation and what the definition says of it.
#[derive(Clone, Debug)]
pub struct GraphVertex {
    digest: Digest,
    /// Known to decode. Decoded, an operation takes many times the memory.
    bytes: Bytes,
    /// Resolved, in the order of the op's inputs.
    inputs: Vec<Reference>,
    metadata: Metadata,
    locations: Locations,
}

impl Graph {
    /// Decodes a definition, whatever the order of its operations.
    ///
    /// Takes time and memory in proportion to its size. A message of few bytes and millions of
    /// parts, which would fill the memory, is refused.
    pub fn read(definition: &Definition) -> Result<Self, ReadError> {
        let reading = Reading::of(definition)?;
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

    /// Returns the vertices, each after those that it uses. The terminal is not among them.
    pub fn vertices(&self) -> &[GraphVertex] {
        &self.vertices
    }

    /// Returns the vertex whose result is the graph's, and which of its results that is; there is
    /// none in a graph of nothing.
    pub fn result(&self) -> Option<(&GraphVertex, i64)> {
        let result = self.result?;
        Some((self.vertices.get(result.vertex)?, result.output))
    }

    /// Iterates over what a vertex of this graph uses, in the order of its operation's inputs: the
    /// vertex, and which of its results.
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

    /// Returns the operation's bytes, an `Op` message.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns what the definition says of the operation.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns where the operation comes from.
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// Returns the name that progress output shows: the one that the vertex was given, or one made
    /// from the operation as the daemon makes it.
    pub fn name(&self) -> String {
        match self.metadata.name() {
            Some(name) => name.to_owned(),
            None => describe::name(&self.op()),
        }
    }

    pub(crate) fn op(&self) -> ops::Op {
        // It did decode when the graph was read.
        ops::Op::decode(&*self.bytes).unwrap_or_default()
    }

    /// Returns the operation's kind, name and platform on one line.
    fn headline(&self) -> String {
        describe::headline(&self.op(), &self.name())
    }
}
