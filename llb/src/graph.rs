//! Reading of marshalled graphs.

mod describe;
mod dot;
mod edges;
mod json;
mod json_op;
mod limits;
mod tree;

use std::collections::HashMap;

use buildkit_proto::ops;
use prost::Message as _;
use thiserror::Error;

use crate::definition::{Definition, Location, Source};
use crate::digest::Digest;
use crate::metadata::Metadata;

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
    op: ops::Op,
    /// Resolved, in the order of the op's inputs.
    inputs: Vec<Reference>,
    metadata: Metadata,
    locations: Vec<Location>,
}

/// A result of a vertex: its position in the graph, and which of its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reference {
    vertex: usize,
    output: i64,
}

/// Says why a definition can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// An operation's bytes are no `Op` message.
    #[error("operation {position} of the definition can't be decoded")]
    Decode {
        /// The operation's position in the definition, from 0.
        position: usize,
        /// What is wrong with the bytes.
        source: prost::DecodeError,
    },
    /// The last operation names no result. A definition that was cut off causes it.
    #[error("the definition's last operation names no result")]
    NoResult,
    /// An operation uses one that does not come before it.
    #[error("operation {position} of the definition uses {digest}, which doesn't come before it")]
    Missing {
        /// The position of the operation that uses the other, from 0.
        position: usize,
        /// The digest as it is written in the input.
        digest: String,
    },
}

impl Graph {
    /// Decodes a definition. Its operations must stand after what they use, as every library
    /// writes them.
    pub fn read(definition: &Definition) -> Result<Self, GraphError> {
        let mut vertices: Vec<GraphVertex> = Vec::with_capacity(definition.operations().len());
        let mut positions: HashMap<String, usize> = HashMap::new();
        let mut result = None;
        for (position, bytes) in definition.operations().iter().enumerate() {
            let op = ops::Op::decode(bytes.clone())
                .map_err(|source| GraphError::Decode { position, source })?;
            let inputs = op.inputs.iter().map(|input| {
                let vertex = positions.get(&input.digest).copied();
                Ok(Reference {
                    vertex: vertex.ok_or_else(|| GraphError::Missing {
                        position,
                        digest: input.digest.clone(),
                    })?,
                    output: input.index,
                })
            });
            let inputs = inputs.collect::<Result<Vec<_>, _>>()?;
            if position + 1 == definition.operations().len() {
                result = Some(*inputs.first().ok_or(GraphError::NoResult)?);
                break;
            }
            let digest = Digest::of(bytes);
            let locations = definition.source().map(Source::locations);
            let locations = locations.and_then(|locations| locations.get(&digest));
            positions.insert(digest.to_string(), vertices.len());
            vertices.push(GraphVertex {
                digest,
                op,
                inputs,
                metadata: definition
                    .metadata()
                    .get(&digest)
                    .cloned()
                    .unwrap_or_default(),
                locations: locations.cloned().unwrap_or_default(),
            });
        }
        Ok(Self { vertices, result })
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
}

impl GraphVertex {
    /// Returns the operation's digest.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the decoded operation.
    pub fn op(&self) -> &ops::Op {
        &self.op
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
            None => describe::name(&self.op),
        }
    }
}
