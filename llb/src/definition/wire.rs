//! Encoding of a definition: maps are sorted, and entries have both key and value.

use super::{Definition, Location, Source};
use crate::encode::Encoder;
use crate::metadata::{LinuxResources, Metadata};
use crate::source_map::{Position, Range, SourceFile};

pub(super) fn encode(definition: &Definition) -> Vec<u8> {
    let mut buffer = Vec::new();
    write(definition, &mut Encoder::new(&mut buffer));
    buffer
}

fn write(definition: &Definition, encoder: &mut Encoder<'_>) {
    for operation in &definition.operations {
        encoder.element(1, operation);
    }
    for (digest, metadata) in definition.metadata.iter() {
        encoder.message(2, |encoder| {
            encoder.element(1, &digest.text());
            encoder.message(2, |encoder| write_metadata(metadata, encoder));
        });
    }
    if let Some(source) = &definition.source {
        encoder.message(3, |encoder| write_source(source, encoder));
    }
}

fn write_metadata(metadata: &Metadata, encoder: &mut Encoder<'_>) {
    encoder.boolean(1, metadata.ignore_cache);
    for (key, value) in metadata.description() {
        encoder.entry(2, key, value);
    }
    if let Some(export) = metadata.export_cache {
        encoder.message(4, |encoder| encoder.boolean(1, export));
    }
    for id in metadata.capability_ids() {
        encoder.message(5, |encoder| {
            encoder.element(1, id.as_bytes());
            encoder.chosen(2, 1);
        });
    }
    if let Some(group) = &metadata.progress_group {
        encoder.message(6, |encoder| {
            encoder.text(1, &group.id);
            encoder.text(2, &group.name);
            encoder.boolean(3, group.weak);
        });
    }
    if let Some(resources) = &metadata.linux_resources {
        encoder.message(7, |encoder| write_resources(resources, encoder));
    }
}

fn write_resources(resources: &LinuxResources, encoder: &mut Encoder<'_>) {
    encoder.signed(1, resources.memory);
    encoder.signed(2, resources.memory_swap);
    encoder.unsigned(3, resources.cpu_shares);
    encoder.unsigned(4, resources.cpu_period);
    encoder.signed(5, resources.cpu_quota);
    encoder.text(6, &resources.cpuset_cpus);
    encoder.text(7, &resources.cpuset_mems);
}

fn write_source(source: &Source, encoder: &mut Encoder<'_>) {
    for (digest, locations) in source.locations.iter() {
        encoder.message(1, |encoder| {
            encoder.element(1, &digest.text());
            encoder.message(2, |encoder| {
                for location in locations.iter() {
                    encoder.message(1, |encoder| write_location(location, encoder));
                }
            });
        });
    }
    for file in &source.files {
        encoder.message(2, |encoder| write_file(file, encoder));
    }
}

fn write_location(location: &Location, encoder: &mut Encoder<'_>) {
    encoder.signed(1, location.file.into());
    for range in &*location.ranges {
        encoder.message(2, |encoder| write_range(range, encoder));
    }
}

fn write_range(range: &Range, encoder: &mut Encoder<'_>) {
    let mut position = |field, position: Position| {
        encoder.message(field, |encoder| {
            encoder.signed(1, position.line.into());
            encoder.signed(2, position.character.into());
        });
    };
    position(1, range.start);
    position(2, range.end);
}

fn write_file(file: &SourceFile, encoder: &mut Encoder<'_>) {
    encoder.text(1, &file.filename);
    encoder.bytes(2, &file.data);
    if let Some(definition) = &file.definition {
        encoder.message(3, |encoder| write(definition, encoder));
    }
    encoder.text(4, &file.language);
}
