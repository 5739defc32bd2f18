//! Fast hashing of what needs no protection.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by addresses of vertices, or by digests.
///
/// The standard hasher guards against keys that are chosen to collide, which neither of these can
/// be: addresses are the allocator's, and digests are hashes already. It costs as much as the rest
/// of a look-up.
pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// Spreads a number over all bits by a multiplication with the golden ratio.
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
        // The table takes its position from the low bits, and the product is best in its high ones.
        self.0.rotate_left(26)
    }
}
