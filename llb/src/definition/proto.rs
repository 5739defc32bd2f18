//! Definitions as the generated messages of the wire.

use std::collections::BTreeMap;
use std::sync::Arc;

use buildkit_proto::ops;
use thiserror::Error;

use super::{Definition, DigestMap, Location, Source};
use crate::digest::DigestError;
use crate::metadata::{LinuxResources, Metadata, ProgressGroup};
use crate::source_map::{Position, Range, SourceFile};

/// Says why bytes or a message are no definition.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DefinitionError {
    /// The bytes are no `Definition` message; a file of another kind, or one cut off, causes it.
    #[error("these bytes are not an LLB definition")]
    Decode(#[from] prost::DecodeError),
    /// Metadata or locations belong to something that is not a digest.
    #[error("an LLB definition has metadata or locations of something that is no operation")]
    Digest(#[from] DigestError),
}

impl TryFrom<ops::Definition> for Definition {
    type Error = DefinitionError;

    fn try_from(definition: ops::Definition) -> Result<Self, Self::Error> {
        Ok(Self {
            operations: definition.def,
            metadata: keyed(definition.metadata, metadata_from_proto)?,
            source: definition.source.map(source_from_proto).transpose()?,
        })
    }
}

impl From<&Definition> for ops::Definition {
    fn from(definition: &Definition) -> Self {
        Self {
            def: definition.operations.clone(),
            metadata: named(&definition.metadata, metadata_to_proto),
            source: definition.source.as_ref().map(source_to_proto),
        }
    }
}

impl From<Definition> for ops::Definition {
    fn from(definition: Definition) -> Self {
        Self::from(&definition)
    }
}

fn keyed<T, U>(
    map: BTreeMap<String, T>,
    convert: impl Fn(T) -> U,
) -> Result<DigestMap<U>, DigestError> {
    map.into_iter()
        .map(|(digest, value)| Ok((digest.parse()?, convert(value))))
        .collect()
}

fn named<T, U>(map: &DigestMap<T>, convert: impl Fn(&T) -> U) -> BTreeMap<String, U> {
    map.iter()
        .map(|(digest, value)| (digest.to_string(), convert(value)))
        .collect()
}

fn metadata_from_proto(proto: ops::OpMetadata) -> Metadata {
    let mut metadata = Metadata {
        ignore_cache: proto.ignore_cache,
        export_cache: proto.export_cache.map(|export| export.value),
        progress_group: proto.progress_group.map(|group| {
            Arc::new(ProgressGroup {
                id: group.id,
                name: group.name,
                weak: group.weak,
            })
        }),
        linux_resources: proto.linux_resources.map(|resources| {
            Arc::new(LinuxResources {
                memory: resources.memory,
                memory_swap: resources.memory_swap,
                cpu_shares: resources.cpu_shares,
                cpu_period: resources.cpu_period,
                cpu_quota: resources.cpu_quota,
                cpuset_cpus: resources.cpuset_cpus,
                cpuset_mems: resources.cpuset_mems,
            })
        }),
        ..Metadata::default()
    };
    // The daemon asks for a capability whatever its value is.
    for id in proto.caps.keys() {
        metadata.require_id(id);
    }
    metadata.set_description(proto.description);
    metadata
}

fn metadata_to_proto(metadata: &Metadata) -> ops::OpMetadata {
    ops::OpMetadata {
        ignore_cache: metadata.ignore_cache,
        description: metadata
            .description()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
        export_cache: metadata
            .export_cache
            .map(|value| ops::ExportCache { value }),
        caps: metadata
            .capability_ids()
            .into_iter()
            .map(|id| (id.to_owned(), true))
            .collect(),
        progress_group: metadata.progress_group().map(|group| ops::ProgressGroup {
            id: group.id.clone(),
            name: group.name.clone(),
            weak: group.weak,
        }),
        linux_resources: metadata
            .linux_resources()
            .map(|resources| ops::LinuxResources {
                memory: resources.memory,
                memory_swap: resources.memory_swap,
                cpu_shares: resources.cpu_shares,
                cpu_period: resources.cpu_period,
                cpu_quota: resources.cpu_quota,
                cpuset_cpus: resources.cpuset_cpus.clone(),
                cpuset_mems: resources.cpuset_mems.clone(),
            }),
    }
}

fn source_from_proto(proto: ops::Source) -> Result<Source, DefinitionError> {
    let files = proto.infos.into_iter().map(SourceFile::try_from);
    Ok(Source {
        files: files.collect::<Result<_, _>>()?,
        locations: keyed(proto.locations, |locations| {
            locations
                .locations
                .into_iter()
                .map(location_from_proto)
                .collect()
        })?,
    })
}

/// Leaves out the operations without a place, which Go lists and nobody needs.
fn source_to_proto(source: &Source) -> ops::Source {
    let located = source.locations.iter();
    let located = located.filter(|(_, locations)| !locations.is_empty());
    let locations = located.map(|(digest, locations)| {
        let locations = locations.iter().map(location_to_proto).collect();
        (digest.to_string(), ops::Locations { locations })
    });
    ops::Source {
        locations: locations.collect(),
        infos: source.files.iter().map(ops::SourceInfo::from).collect(),
    }
}

impl TryFrom<ops::SourceInfo> for SourceFile {
    type Error = DefinitionError;

    fn try_from(info: ops::SourceInfo) -> Result<Self, Self::Error> {
        Ok(Self {
            filename: info.filename,
            language: info.language,
            data: info.data,
            definition: info.definition.map(Definition::try_from).transpose()?,
        })
    }
}

impl From<&SourceFile> for ops::SourceInfo {
    fn from(file: &SourceFile) -> Self {
        Self {
            filename: file.filename.clone(),
            data: file.data.clone(),
            definition: file.definition.as_ref().map(ops::Definition::from),
            language: file.language.clone(),
        }
    }
}

fn location_from_proto(proto: ops::Location) -> Location {
    Location {
        file: proto.source_index,
        ranges: proto.ranges.into_iter().map(Range::from).collect(),
    }
}

fn location_to_proto(location: &Location) -> ops::Location {
    ops::Location {
        source_index: location.file,
        ranges: location
            .ranges
            .iter()
            .copied()
            .map(ops::Range::from)
            .collect(),
    }
}

impl From<ops::Range> for Range {
    fn from(range: ops::Range) -> Self {
        let position = |position: Option<ops::Position>| {
            position.map_or_else(Position::default, |position| Position {
                line: position.line,
                character: position.character,
            })
        };
        Self::new(position(range.start), position(range.end))
    }
}

impl From<Range> for ops::Range {
    fn from(range: Range) -> Self {
        let position = |position: Position| {
            Some(ops::Position {
                line: position.line,
                character: position.character,
            })
        };
        Self {
            start: position(range.start),
            end: position(range.end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Image, MarshalOptions};

    #[test]
    fn operations_without_a_place_are_not_sent() {
        let state = Image::new("busybox").unwrap().into_state();
        let definition = state.marshal(&MarshalOptions::new());
        let source = definition.source().unwrap();
        assert_eq!(source.locations().len(), 1);
        let sent = ops::Definition::from(&definition).source.unwrap();
        assert_eq!(sent.locations, BTreeMap::new());
    }
}
