//! Assembly of encoded operations into a definition, in which equal operations appear once.

use std::ops::Range;

use bytes::Bytes;

use crate::capability::{Capability, CapabilitySet};
use crate::definition::{Definition, DigestMap, Location, Locations, Source};
use crate::digest::Digest;
use crate::few::Few;
use crate::metadata::Metadata;
use crate::source_map::SourceFile;

/// The result of a walk over a graph.
pub(super) struct Assembly {
    /// All operations, concatenated, and the terminal.
    pub(super) encoded: Vec<u8>,
    /// The digest of each operation, in the order of the operations.
    pub(super) digests: Vec<Digest>,
    /// The definition's metadata about each operation, in the order of the operations.
    pub(super) records: Vec<Record>,
    /// The files that locations refer to.
    pub(super) files: Vec<SourceFile>,
}

/// The definition's metadata about an operation.
pub(super) struct Record {
    /// The offset at which the operation's bytes end and those of the next one begin.
    pub(super) end: usize,
    pub(super) metadata: Metadata,
    pub(super) locations: Few<Location>,
}

impl Assembly {
    pub(super) fn into_definition(mut self) -> Definition {
        let order = self.order();
        let repeated = self.merge_equal(&order);
        let terminal_start = self.records.last().map_or(0, |record| record.end);
        let terminal = Digest::of(&self.encoded[terminal_start..]);
        let terminal_metadata = terminal_metadata(&self.records);
        let operations = self.cut(&repeated);
        let count = operations.len();
        let mut metadata = Vec::with_capacity(count);
        let mut locations = Vec::with_capacity(count - 1);
        for position in order {
            if !repeated.is_empty() && repeated[position] {
                continue;
            }
            let (digest, record) = (self.digests[position], &mut self.records[position]);
            metadata.push((digest, std::mem::take(&mut record.metadata)));
            locations.push((digest, Locations(std::mem::take(&mut record.locations))));
        }
        let position = metadata.partition_point(|(digest, _)| *digest < terminal);
        metadata.insert(position, (terminal, terminal_metadata));
        Definition {
            operations,
            metadata: DigestMap::from_sorted(metadata),
            source: Some(Source {
                files: self.files,
                locations: DigestMap::from_sorted(locations),
            }),
        }
    }

    /// Returns the indexes of the operations, sorted by digest. Equal ones keep their order.
    fn order(&self) -> Vec<usize> {
        // Nearly all differ in their first bytes, and comparing these as a number is faster.
        let digests = self.digests.iter().enumerate();
        let mut order: Vec<(u64, usize)> = digests
            .map(|(position, digest)| (digest.prefix(), position))
            .collect();
        order.sort_unstable_by(|(a, left), (b, right)| {
            let whole = |position: usize| (&self.digests[position], position);
            a.cmp(b).then_with(|| whole(*left).cmp(&whole(*right)))
        });
        order.into_iter().map(|(_, position)| position).collect()
    }

    /// Merges the metadata of repeated operations into that of their first occurrence. Returns
    /// which operations are repetitions, if there are any.
    fn merge_equal(&mut self, order: &[usize]) -> Vec<bool> {
        let mut repeated = Vec::new();
        let mut first = 0;
        for (&position, index) in order.iter().zip(0..) {
            if index == 0 || self.digests[position] != self.digests[first] {
                first = position;
                continue;
            }
            repeated.resize(order.len(), false);
            repeated[position] = true;
            let metadata = std::mem::take(&mut self.records[position].metadata);
            let locations = std::mem::take(&mut self.records[position].locations);
            self.records[first].metadata.merge(&metadata);
            self.records[first].locations.extend(locations);
        }
        repeated
    }

    /// Splits the operations and the terminal.
    fn cut(&mut self, repeated: &[bool]) -> Vec<Bytes> {
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(self.records.len() + 1);
        let mut encoded = std::mem::take(&mut self.encoded);
        let mut start = 0;
        let mut kept = 0;
        let ends = self.records.iter().map(|record| record.end);
        for (position, end) in ends.chain([encoded.len()]).enumerate() {
            if !repeated.get(position).is_some_and(|&repeated| repeated) {
                if kept < start {
                    // Moves it into the space left by repetitions.
                    encoded.copy_within(start..end, kept);
                }
                ranges.push(kept..kept + end - start);
                kept += end - start;
            }
            start = end;
        }
        encoded.truncate(kept);
        encoded.shrink_to_fit();
        let encoded = Bytes::from(encoded);
        ranges
            .into_iter()
            .map(|range| encoded.slice(range))
            .collect()
    }
}

/// Returns the metadata of the last operation, which requires everything that the metadata of the
/// others needs.
fn terminal_metadata(records: &[Record]) -> Metadata {
    let mut capabilities = CapabilitySet::new()
        .with(Capability::Constraints)
        .with(Capability::Platform);
    for Record { metadata, .. } in records {
        if metadata.ignore_cache {
            capabilities.insert(Capability::MetaIgnoreCache);
        }
        if metadata.description.is_some() {
            capabilities.insert(Capability::MetaDescription);
        }
        if metadata.export_cache.is_some() {
            capabilities.insert(Capability::MetaExportCache);
        }
    }
    Metadata {
        capabilities,
        ..Metadata::default()
    }
}
