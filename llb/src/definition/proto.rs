//! Conversion of definitions to and from the generated protobuf messages.

use std::collections::BTreeMap;

use buildkit_proto::ops;
use prost::Message as _;

use super::{Definition, DefinitionError, DigestMap, Location, Source};
use crate::metadata::Metadata;
use crate::source_map::{Position, Range, SourceFile};

impl TryFrom<ops::Definition> for Definition {
    type Error = DefinitionError;

    /// Converts a decoded message by encoding it again: only bytes have a reader.
    fn try_from(definition: ops::Definition) -> Result<Self, Self::Error> {
        Self::from_bytes(definition.encode_to_vec())
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

fn named<T, U>(map: &DigestMap<T>, convert: impl Fn(&T) -> U) -> BTreeMap<String, U> {
    map.iter()
        .map(|(digest, value)| (digest.to_string(), convert(value)))
        .collect()
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

/// Leaves out operations without a location, which Go lists although nothing needs them.
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
