//! Maps from operations to data about them.

use std::fmt;

use crate::digest::Digest;

/// A map from digests to values, sorted by digest.
///
/// It is a sorted vector: definitions are built once and then only read, and a tree would be slower
/// and larger.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestMap<T>(Vec<(Digest, T)>);

impl<T> DigestMap<T> {
    /// Creates a map of entries that are sorted, with each digest once.
    pub(crate) fn from_sorted(entries: Vec<(Digest, T)>) -> Self {
        debug_assert!(entries.is_sorted_by(|(first, _), (second, _)| first < second));
        Self(entries)
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Reports whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value for a digest, if there is one.
    pub fn get(&self, digest: &Digest) -> Option<&T> {
        let position = self
            .0
            .binary_search_by_key(digest, |(digest, _)| *digest)
            .ok()?;
        self.0.get(position).map(|(_, value)| value)
    }

    /// Iterates over digests and values, in the order of digests.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Digest, &T)> {
        self.0.iter().map(|(digest, value)| (digest, value))
    }

    /// Iterates over values, in the order of their digests.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }
}

/// If a digest has several values, the last one wins.
impl<T> FromIterator<(Digest, T)> for DigestMap<T> {
    fn from_iter<I: IntoIterator<Item = (Digest, T)>>(entries: I) -> Self {
        let mut entries: Vec<(Digest, T)> = entries.into_iter().collect();
        entries.sort_by_key(|(digest, _)| *digest);
        entries.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Self(entries)
    }
}

impl<T> Default for DigestMap<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: fmt::Debug> fmt::Debug for DigestMap<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_sorted_and_the_last_counts() {
        let [first, second] = [b"1", b"2"].map(|bytes| Digest::of(bytes));
        let map: DigestMap<i32> = [(second, 1), (first, 2), (second, 3), (second, 4)]
            .into_iter()
            .collect();
        assert_eq!(map.len(), 2);
        assert_eq!((map.get(&first), map.get(&second)), (Some(&2), Some(&4)));
        assert_eq!(map.get(&Digest::of(b"")), None);
        assert!(map.iter().map(|(digest, _)| digest).is_sorted());
    }
}
