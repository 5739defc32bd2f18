//! The inputs of the operation that is being encoded.

use std::sync::Arc;

use crate::digest::Digest;
use crate::encode::Encoder;
use crate::hash::QuickMap;
use crate::ordered_set::OrderedSet;
use crate::vertex::{Output, OutputIndex, Vertex};

/// The index of an empty file system where the index of an input is expected.
pub(crate) const EMPTY: i64 = -1;

/// Collects an operation's inputs, and for each of its slots (a mount, an action's source) the
/// index of the input that it uses. The same value is reused for all operations of a graph, to save
/// memory.
#[derive(Default)]
pub(crate) struct Inputs {
    /// The digest of each encoded vertex, in encoding order.
    digests: Vec<Digest>,
    /// The position of each encoded vertex, by address.
    positions: QuickMap<*const Vertex, u32>,
    entries: OrderedSet<Input>,
    slots: Vec<i64>,
}

/// An input in its wire form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Input {
    digest: Digest,
    index: OutputIndex,
}

impl Inputs {
    /// Records that a vertex was encoded, and its digest.
    pub(crate) fn remember(&mut self, vertex: &Vertex, digest: Digest) {
        let position = u32::try_from(self.digests.len()).unwrap_or(u32::MAX);
        self.positions.insert(vertex, position);
        self.digests.push(digest);
    }

    /// Reports whether a vertex was encoded.
    pub(crate) fn knows(&self, vertex: &Vertex) -> bool {
        self.positions.contains_key(&std::ptr::from_ref(vertex))
    }

    /// Returns the digest of each encoded vertex, in encoding order.
    pub(crate) fn into_digests(self) -> Vec<Digest> {
        self.digests
    }

    /// Begins a new operation.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.slots.clear();
    }

    /// Adds a slot with a new input, even if another slot has an equal one.
    pub(crate) fn push(&mut self, output: Option<&Output>) {
        let slot = output.map(|output| {
            let input = self.resolve(output);
            self.entries.push(input)
        });
        self.add_slot(slot);
    }

    /// Adds a slot, which shares the input of an earlier slot if they are equal.
    pub(crate) fn share(&mut self, output: Option<&Output>) {
        let slot = output.map(|output| {
            let input = self.resolve(output);
            self.entries.insert(input)
        });
        self.add_slot(slot);
    }

    /// Returns the index of the input of each slot, in order; -1 for a slot without input.
    pub(crate) fn slots(&self) -> &[i64] {
        &self.slots
    }

    /// Returns the number of inputs.
    pub(crate) fn len(&self) -> i64 {
        wire_index(self.entries.values().len())
    }

    /// Writes the inputs as the first field of an `Op`.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) {
        for input in self.entries.values() {
            input.encode(encoder);
        }
    }

    /// Writes the only input of a terminal operation.
    pub(crate) fn encode_terminal(&self, output: &Output, encoder: &mut Encoder<'_>) {
        self.resolve(output).encode(encoder);
    }

    fn resolve(&self, output: &Output) -> Input {
        // A vertex is encoded after its inputs, so they are all there.
        let position = self.positions[&Arc::as_ptr(&output.vertex)];
        Input {
            digest: self.digests[position as usize],
            index: output.index,
        }
    }

    fn add_slot(&mut self, position: Option<usize>) {
        self.slots.push(position.map_or(EMPTY, wire_index));
    }
}

impl Input {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.message(1, |encoder| {
            encoder.element(1, &self.digest.text());
            encoder.signed(2, self.index.0);
        });
    }
}

/// Converts an index into a vector to the wire's type, which fits any: no vector is longer than
/// `isize::MAX`.
#[expect(
    clippy::cast_possible_wrap,
    reason = "no vector is longer than isize::MAX"
)]
pub(crate) const fn wire_index(index: usize) -> i64 {
    index as i64
}
