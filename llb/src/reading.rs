//! The operations of a definition and their inputs: the first step of reading any definition.

use std::collections::HashMap;

use bytes::Bytes;
use thiserror::Error;

use crate::decode::{Budget, DecodeError, Fault, Field, Fields};
use crate::definition::{Definition, DigestMap};
use crate::digest::Digest;
use crate::platform::Platform;

/// The reason why a definition can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// An operation's bytes are not an `Op` message.
    #[error("operation {position} of the definition can't be decoded")]
    Decode {
        /// The operation's position in the definition, from 0.
        position: usize,
        /// What is wrong with the bytes.
        source: DecodeError,
    },
    /// The last operation names no result. Usually the definition was cut off.
    #[error("the definition's last operation names no result")]
    NoResult,
    /// An operation has an input that is not in the definition.
    #[error("operation {position} of the definition uses {digest}, which is not in it")]
    Missing {
        /// The position of the operation with this input, from 0.
        position: usize,
        /// The digest as it is written in the input.
        digest: String,
    },
    /// An input has a negative output index.
    #[error("operation {position} of the definition uses output {index} of {digest}")]
    Index {
        /// The position of the operation with this input, from 0.
        position: usize,
        /// The digest of the input.
        digest: String,
        /// The output index.
        index: i64,
    },
    /// A location refers to a source file that is not in the definition.
    #[error("a location of the definition is in source file {index}, which is not in it")]
    Location {
        /// The index of the file.
        index: i32,
    },
}

/// The operations of a definition without the terminal, each after its inputs.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) operations: Vec<ReadOperation>,
    /// `None` in an empty definition.
    pub(crate) result: Option<Reference>,
    positions: HashMap<Digest, usize>,
}

/// An operation, without its metadata.
#[derive(Clone, Debug)]
pub(crate) struct ReadOperation {
    /// The position in the definition.
    pub(crate) position: usize,
    pub(crate) bytes: Bytes,
    pub(crate) digest: Digest,
    /// The inputs, resolved, in the order of the operation's inputs.
    pub(crate) inputs: Vec<Reference>,
}

/// A result of an operation: the operation's index, and the index of its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) vertex: usize,
    pub(crate) output: i64,
}

impl Reading {
    /// Reads all operations. As in a daemon, the order doesn't matter, except that the terminal
    /// comes last, and equal operations count once.
    ///
    /// Only the parts of an operation that are needed here are decoded, so that reading is cheap
    /// and unknown fields are kept.
    pub(crate) fn new(definition: &Definition) -> Result<Self, ReadError> {
        let Some((terminal, operations)) = definition.operations().split_last() else {
            return Ok(Self {
                operations: Vec::new(),
                result: None,
                positions: HashMap::new(),
            });
        };
        let mut reading = Self {
            operations: Vec::with_capacity(operations.len()),
            result: None,
            // Uses the standard hasher, since the sender of a definition chooses its digests.
            positions: HashMap::with_capacity(operations.len()),
        };
        for (position, bytes) in operations.iter().enumerate() {
            reading.add(position, bytes);
        }
        let length = definition.operations().iter().map(Bytes::len).sum();
        let budget = &mut Budget::for_bytes(length);
        let mut in_order = true;
        for index in 0..reading.operations.len() {
            let operation = &reading.operations[index];
            let inputs = reading.inputs(operation.position, &operation.bytes, budget)?;
            in_order &= inputs.iter().all(|input| input.vertex < index);
            reading.operations[index].inputs = inputs;
        }
        let inputs = reading.inputs(operations.len(), terminal, budget)?;
        reading.result = Some(*inputs.first().ok_or(ReadError::NoResult)?);
        if !in_order {
            reading.sort();
        }
        Ok(reading)
    }

    fn add(&mut self, position: usize, bytes: &Bytes) {
        let digest = Digest::of(bytes);
        let next = self.operations.len();
        if *self.positions.entry(digest).or_insert(next) == next {
            self.operations.push(ReadOperation {
                position,
                bytes: bytes.clone(),
                digest,
                inputs: Vec::new(),
            });
        }
    }

    fn inputs(
        &self,
        position: usize,
        bytes: &[u8],
        budget: &mut Budget,
    ) -> Result<Vec<Reference>, ReadError> {
        let decode = |fault: Fault| ReadError::Decode {
            position,
            source: DecodeError::new(fault),
        };
        let mut inputs = Vec::new();
        for field in Fields::new(bytes) {
            let field = field.map_err(decode)?;
            budget.take().map_err(decode)?;
            match field.number {
                1 => {
                    let (digest, output) = input(field).map_err(decode)?;
                    inputs.push(self.resolve(position, digest, output)?);
                }
                // The one field of these that is present says what the operation does.
                2..=8 => {
                    for part in field.message().map_err(decode)? {
                        part.map_err(decode)?;
                        budget.take().map_err(decode)?;
                    }
                }
                _ => {}
            }
        }
        Ok(inputs)
    }

    fn resolve(&self, position: usize, digest: &str, output: i64) -> Result<Reference, ReadError> {
        let vertex = digest
            .parse()
            .ok()
            .and_then(|digest: Digest| self.positions.get(&digest));
        let vertex = *vertex.ok_or_else(|| ReadError::Missing {
            position,
            digest: digest.to_owned(),
        })?;
        if output < 0 {
            return Err(ReadError::Index {
                position,
                digest: digest.to_owned(),
                index: output,
            });
        }
        Ok(Reference { vertex, output })
    }

    /// Sorts operations so that each comes after its inputs. Such an order exists, since two
    /// operations can't contain each other's hash.
    fn sort(&mut self) {
        let mut places: Vec<Option<usize>> = vec![None; self.operations.len()];
        let mut order = Vec::with_capacity(self.operations.len());
        for start in 0..self.operations.len() {
            let mut stack = vec![(start, 0)];
            while let Some((vertex, step)) = stack.last_mut() {
                if places[*vertex].is_some() {
                    stack.pop();
                } else if let Some(input) = self.operations[*vertex].inputs.get(*step) {
                    *step += 1;
                    stack.push((input.vertex, 0));
                } else {
                    places[*vertex] = Some(order.len());
                    order.push(*vertex);
                }
            }
        }
        let moved = |reference: Reference| Reference {
            vertex: places[reference.vertex].unwrap_or_default(),
            ..reference
        };
        let sorted = order.iter().map(|&vertex| {
            let mut operation = self.operations[vertex].clone();
            for input in &mut operation.inputs {
                *input = moved(*input);
            }
            operation
        });
        let sorted = sorted.collect();
        self.result = self.result.map(moved);
        for position in self.positions.values_mut() {
            *position = places[*position].unwrap_or_default();
        }
        self.operations = sorted;
    }

    /// Returns the map's value for each operation.
    pub(crate) fn values<'a, T>(&self, map: &'a DigestMap<T>) -> Vec<Option<&'a T>> {
        let mut values = vec![None; self.operations.len()];
        for (digest, value) in map.iter() {
            if let Some(&position) = self.positions.get(digest) {
                values[position] = Some(value);
            }
        }
        values
    }
}

impl ReadOperation {
    /// Decodes the platform that the operation carries, if any.
    pub(crate) fn platform(&self) -> Result<Option<Platform>, ReadError> {
        platform(&self.bytes).map_err(|fault| ReadError::Decode {
            position: self.position,
            source: DecodeError::new(fault),
        })
    }
}

/// Decodes an `Input`.
fn input(field: Field<'_>) -> Result<(&str, i64), Fault> {
    let (mut digest, mut output) = ("", 0);
    for field in field.message()? {
        let field = field?;
        match field.number {
            1 => digest = field.text()?,
            2 => output = field.signed()?,
            _ => {}
        }
    }
    Ok((digest, output))
}

/// Returns the digest of the operation whose result a terminal names.
pub(crate) fn result_digest(terminal: &[u8]) -> Option<Digest> {
    let first =
        Fields::new(terminal).find(|field| !matches!(field, Ok(field) if field.number != 1));
    let (digest, _) = input(first?.ok()?).ok()?;
    digest.parse().ok()
}

fn platform(operation: &[u8]) -> Result<Option<Platform>, Fault> {
    let mut platform = None;
    for field in Fields::new(operation) {
        let field = field?;
        if field.number != 10 {
            continue;
        }
        let platform = platform.get_or_insert_with(|| Platform::new("", ""));
        for field in field.message()? {
            let field = field?;
            let text = || field.text().map(str::to_owned);
            match field.number {
                1 => platform.architecture = text()?,
                2 => platform.os = text()?,
                3 => platform.variant = text()?,
                4 => platform.os_version = text()?,
                5 => platform.os_features.push(text()?),
                _ => {}
            }
        }
    }
    Ok(platform)
}
