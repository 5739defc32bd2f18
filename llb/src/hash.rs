//! Fast hashing of trusted keys.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map keyed by addresses of vertices, or by digests.
///
/// The standard hasher guards against keys chosen to collide, which isn't possible here: addresses
/// come from the allocator, and digests are hashes already. That hasher would cost as much as the
/// rest of a look-up.
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// Spreads a number over all bits by multiplying it by the golden ratio.
#[derive(Default)]
pub(crate) struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        // The table takes its position from the low bits, but the product's high bits are the best
        // ones.
        self.0.rotate_left(26)
    }
}
