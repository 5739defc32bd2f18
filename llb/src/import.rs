//! Going on from a marshalled graph (`client/llb/definition.go`).

use std::collections::HashMap;
use std::sync::Arc;

use buildkit_proto::ops;
use bytes::Bytes;
use prost::Message as _;
use thiserror::Error;

use crate::constraints::Constraints;
use crate::definition::{Definition, Source};
use crate::digest::Digest;
use crate::platform::Platform;
use crate::source_map::{SourceLocation, SourceMap};
use crate::state::State;
use crate::vertex::{Operation, Output, OutputIndex, Vertex};

/// Says why a graph can't be gone on from.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError {
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
    /// An operation uses one that is not in the definition.
    #[error("an operation of the definition uses {digest}, which is not in it")]
    Missing {
        /// The digest as it is written in the input.
        digest: String,
    },
    /// An input has a negative output index.
    #[error("an operation of the definition uses output {index} of {digest}")]
    Index {
        /// The digest of the operation that is used.
        digest: String,
        /// The index.
        index: i64,
    },
    /// A location names a source file that is not in the definition.
    #[error("a location of the definition is in source file {index}, which is not in it")]
    Location {
        /// The index of the file.
        index: i32,
    },
}

/// An operation of a marshalled graph, with the bytes that it came with. So it keeps its digest,
/// and all fields that this library doesn't know.
#[derive(Debug)]
pub(crate) struct ImportedOperation {
    pub(crate) bytes: Bytes,
    pub(crate) digest: Digest,
    pub(crate) platform: Option<Platform>,
    pub(crate) inputs: Vec<Output>,
}

/// Makes a state of a definition's result. Operations that the result doesn't depend on are left
/// out.
///
/// Go has a vertex for each pair of operation and output, so that the locations of an operation
/// with two used outputs are doubled with every import. Here there is one, so that marshalling
/// gives back what was imported.
pub(crate) fn import(definition: &Definition) -> Result<State, ImportError> {
    let Some(Graph {
        operations,
        terminal,
    }) = decode(definition)?
    else {
        return Ok(State::scratch());
    };
    let mut importer = Importer {
        definition,
        maps: definition.source().map(maps).unwrap_or_default(),
        operations,
        vertices: HashMap::new(),
    };
    let result = terminal.inputs.first().ok_or(ImportError::NoResult)?;
    let output = importer.import(result)?;
    Ok(State::scratch().with_output(Some(output)))
}

struct Importer<'a> {
    definition: &'a Definition,
    maps: Vec<SourceMap>,
    operations: HashMap<Digest, Decoded>,
    vertices: HashMap<Digest, Arc<Vertex>>,
}

/// An operation in both forms.
struct Decoded {
    bytes: Bytes,
    op: ops::Op,
}

/// Decodes all operations, by digest, and returns the terminal too.
fn decode(definition: &Definition) -> Result<Option<Graph>, ImportError> {
    let mut operations = HashMap::new();
    let mut terminal = None;
    for (position, bytes) in definition.operations().iter().enumerate() {
        let op = ops::Op::decode(bytes.clone())
            .map_err(|source| ImportError::Decode { position, source })?;
        if position + 1 == definition.operations().len() {
            terminal = Some(op);
        } else {
            let bytes = bytes.clone();
            operations.insert(Digest::of(&bytes), Decoded { bytes, op });
        }
    }
    Ok(terminal.map(|terminal| Graph {
        operations,
        terminal,
    }))
}

struct Graph {
    operations: HashMap<Digest, Decoded>,
    terminal: ops::Op,
}

fn maps(source: &Source) -> Vec<SourceMap> {
    source.files().iter().cloned().map(SourceMap::of).collect()
}

impl Importer<'_> {
    /// Makes the vertex of an input and all that it depends on, without recursion.
    fn import(&mut self, result: &ops::Input) -> Result<Output, ImportError> {
        let mut stack = vec![(self.digest(result)?, 0)];
        while let Some((digest, step)) = stack.last_mut() {
            let inputs = &self.operations[digest].op.inputs;
            let Some(input) = inputs.get(*step) else {
                let digest = *digest;
                let vertex = self.vertex(digest)?;
                self.vertices.insert(digest, vertex);
                stack.pop();
                continue;
            };
            *step += 1;
            let digest = self.digest(input)?;
            if !self.vertices.contains_key(&digest) {
                stack.push((digest, 0));
            }
        }
        self.output(result)
    }

    fn digest(&self, input: &ops::Input) -> Result<Digest, ImportError> {
        if input.index < 0 {
            return Err(ImportError::Index {
                digest: input.digest.clone(),
                index: input.index,
            });
        }
        let digest = input.digest.parse().ok();
        digest
            .filter(|digest| self.operations.contains_key(digest))
            .ok_or_else(|| missing(input))
    }

    fn output(&self, input: &ops::Input) -> Result<Output, ImportError> {
        let digest = self.digest(input)?;
        let vertex = self.vertices.get(&digest).ok_or_else(|| missing(input))?;
        Ok(Output {
            vertex: vertex.clone(),
            index: OutputIndex(input.index),
        })
    }

    fn vertex(&self, digest: Digest) -> Result<Arc<Vertex>, ImportError> {
        let decoded = &self.operations[&digest];
        let inputs = decoded.op.inputs.iter();
        let operation = ImportedOperation {
            bytes: decoded.bytes.clone(),
            digest,
            platform: decoded.op.platform.as_ref().map(Platform::from),
            inputs: inputs
                .map(|input| self.output(input))
                .collect::<Result<_, _>>()?,
        };
        let metadata = self.definition.metadata().get(&digest);
        let constraints = Constraints {
            locations: self.locations(digest)?,
            metadata: metadata.cloned().unwrap_or_default(),
            ..Constraints::new()
        };
        Ok(Vertex::new(
            Operation::Imported(Box::new(operation)),
            constraints,
        ))
    }

    fn locations(&self, digest: Digest) -> Result<Vec<SourceLocation>, ImportError> {
        let all = self.definition.source().map(Source::locations);
        let own = all
            .and_then(|locations| locations.get(&digest))
            .into_iter()
            .flatten();
        own.map(|location| {
            let map = usize::try_from(location.file)
                .ok()
                .and_then(|index| self.maps.get(index))
                .ok_or(ImportError::Location {
                    index: location.file,
                })?;
            Ok(SourceLocation {
                map: map.clone(),
                ranges: location.ranges.clone(),
            })
        })
        .collect()
    }
}

fn missing(input: &ops::Input) -> ImportError {
    ImportError::Missing {
        digest: input.digest.clone(),
    }
}

impl From<&ops::Platform> for Platform {
    fn from(platform: &ops::Platform) -> Self {
        Self {
            os: platform.os.clone(),
            architecture: platform.architecture.clone(),
            variant: platform.variant.clone(),
            os_version: platform.os_version.clone(),
            os_features: platform.os_features.clone(),
        }
    }
}
