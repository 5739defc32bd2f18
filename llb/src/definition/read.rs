//! Decoding of a definition, without decoding its operations.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use thiserror::Error;

use super::{Definition, DigestMap, Location, Locations, Source};
use crate::decode::{Budget, DecodeError, Fault, Field, Fields};
use crate::digest::{Digest, DigestError};
use crate::few::Few;
use crate::metadata::{LinuxResources, Metadata, ProgressGroup};
use crate::source_map::{Position, Range, SourceFile};

/// The maximum nesting depth of graphs that produced the source files of other graphs.
const DEEPEST: usize = 32;

/// The reason why bytes or a message are not a definition.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// The bytes are not a `Definition` message; the file is of another kind, or was cut off.
    #[error("these bytes are not an LLB definition")]
    Decode(#[from] DecodeError),
    /// Metadata or locations belong to something that is not a digest.
    #[error("an LLB definition has metadata or locations of something that is no operation")]
    Digest(#[from] DigestError),
}

impl From<Fault> for DefinitionError {
    fn from(fault: Fault) -> Self {
        Self::Decode(DecodeError::new(fault))
    }
}

/// Decodes a `Definition` message.
pub(super) fn decode(message: &Bytes) -> Result<Definition, DefinitionError> {
    let mut reader = Reader {
        message,
        budget: Budget::for_bytes(message.len()),
    };
    reader.definition(Fields::new(message), DEEPEST)
}

struct Reader<'a> {
    /// Operations and files are slices of this message.
    message: &'a Bytes,
    budget: Budget,
}

impl Reader<'_> {
    fn definition(
        &mut self,
        fields: Fields<'_>,
        levels: usize,
    ) -> Result<Definition, DefinitionError> {
        let levels = levels.checked_sub(1).ok_or(Fault::Depth)?;
        let mut operations = Vec::new();
        let mut metadata = Vec::new();
        let mut source: Option<(Vec<_>, Vec<_>)> = None;
        for field in fields {
            let field = field?;
            self.budget.take()?;
            match field.number {
                1 => operations.push(self.message.slice_ref(field.bytes()?)),
                2 => {
                    let (digest, value) = keyed(field)?;
                    metadata.push((digest, read_metadata(value)?));
                }
                3 => {
                    // A message field that occurs twice is merged into one message.
                    let (files, locations) = source.get_or_insert_default();
                    self.source(field.message()?, files, locations, levels)?;
                }
                _ => {}
            }
        }
        Ok(Definition {
            operations,
            metadata: metadata.into_iter().collect(),
            source: source.map(|(files, locations)| Source {
                files,
                locations: locations.into_iter().collect::<DigestMap<_>>(),
            }),
        })
    }

    fn source(
        &mut self,
        fields: Fields<'_>,
        files: &mut Vec<SourceFile>,
        locations: &mut Vec<(Digest, Locations)>,
        levels: usize,
    ) -> Result<(), DefinitionError> {
        for field in fields {
            let field = field?;
            self.budget.take()?;
            match field.number {
                1 => {
                    let (digest, value) = keyed(field)?;
                    locations.push((digest, self.locations(value)?));
                }
                2 => files.push(self.file(field.message()?, levels)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn locations(&mut self, fields: Option<Fields<'_>>) -> Result<Locations, Fault> {
        let mut locations = Few::None;
        for field in fields.into_iter().flatten() {
            let field = field?;
            if field.number == 1 {
                self.budget.take()?;
                locations.push(self.location(field.message()?)?);
            }
        }
        Ok(Locations(locations))
    }

    fn location(&mut self, fields: Fields<'_>) -> Result<Location, Fault> {
        let mut file = 0;
        let mut ranges = Vec::new();
        for field in fields {
            let field = field?;
            match field.number {
                1 => file = field.signed32()?,
                2 => {
                    self.budget.take()?;
                    ranges.push(range(field.message()?)?);
                }
                _ => {}
            }
        }
        Ok(Location {
            file,
            ranges: ranges.into_iter().collect(),
        })
    }

    fn file(&mut self, fields: Fields<'_>, levels: usize) -> Result<SourceFile, DefinitionError> {
        let mut file = SourceFile::default();
        for field in fields {
            let field = field?;
            match field.number {
                1 => field.text()?.clone_into(&mut file.filename),
                2 => file.data = self.message.slice_ref(field.bytes()?),
                3 => file.definition = Some(self.definition(field.message()?, levels)?),
                4 => field.text()?.clone_into(&mut file.language),
                _ => {}
            }
        }
        Ok(file)
    }
}

/// Returns the digest and the message of a map entry.
fn keyed(field: Field<'_>) -> Result<(Digest, Option<Fields<'_>>), DefinitionError> {
    let (key, value) = field.entry()?;
    let value = value.map(Field::message).transpose()?;
    Ok((key.parse()?, value))
}

fn read_metadata(fields: Option<Fields<'_>>) -> Result<Metadata, Fault> {
    let mut metadata = Metadata::default();
    let mut description = BTreeMap::new();
    for field in fields.into_iter().flatten() {
        let field = field?;
        match field.number {
            1 => metadata.ignore_cache = field.boolean()?,
            2 => {
                let (key, value) = field.entry()?;
                let value = value.map(Field::text).transpose()?.unwrap_or_default();
                description.insert(key.to_owned(), value.to_owned());
            }
            4 => metadata.export_cache = Some(export(field.message()?)?),
            // The daemon requires the capability whatever the value is.
            5 => metadata.require_id(field.entry()?.0),
            6 => metadata.progress_group = Some(Arc::new(group(field.message()?)?)),
            7 => metadata.linux_resources = Some(Arc::new(resources(field.message()?)?)),
            _ => {}
        }
    }
    metadata.set_description(description);
    Ok(metadata)
}

fn export(fields: Fields<'_>) -> Result<bool, Fault> {
    let mut export = false;
    for field in fields {
        let field = field?;
        if field.number == 1 {
            export = field.boolean()?;
        }
    }
    Ok(export)
}

fn group(fields: Fields<'_>) -> Result<ProgressGroup, Fault> {
    let mut group = ProgressGroup::default();
    for field in fields {
        let field = field?;
        match field.number {
            1 => field.text()?.clone_into(&mut group.id),
            2 => field.text()?.clone_into(&mut group.name),
            3 => group.weak = field.boolean()?,
            _ => {}
        }
    }
    Ok(group)
}

fn resources(fields: Fields<'_>) -> Result<LinuxResources, Fault> {
    let mut resources = LinuxResources::default();
    for field in fields {
        let field = field?;
        match field.number {
            1 => resources.memory = field.signed()?,
            2 => resources.memory_swap = field.signed()?,
            3 => resources.cpu_shares = field.unsigned()?,
            4 => resources.cpu_period = field.unsigned()?,
            5 => resources.cpu_quota = field.signed()?,
            6 => field.text()?.clone_into(&mut resources.cpuset_cpus),
            7 => field.text()?.clone_into(&mut resources.cpuset_mems),
            _ => {}
        }
    }
    Ok(resources)
}

fn range(fields: Fields<'_>) -> Result<Range, Fault> {
    let mut ends = [Position::default(); 2];
    for field in fields {
        let field = field?;
        match field.number {
            1 => ends[0] = position(field.message()?)?,
            2 => ends[1] = position(field.message()?)?,
            _ => {}
        }
    }
    let [start, end] = ends;
    Ok(Range::new(start, end))
}

fn position(fields: Fields<'_>) -> Result<Position, Fault> {
    let mut position = Position::default();
    for field in fields {
        let field = field?;
        match field.number {
            1 => position.line = field.signed32()?,
            2 => position.character = field.signed32()?,
            _ => {}
        }
    }
    Ok(position)
}
