//! Values by key and platform.

use std::collections::BTreeMap;

use buildkit_llb::Platform;

/// A map from pairs of a key and a platform to values.
#[derive(Clone, Debug)]
pub struct ByPlatform<K, V> {
    values: BTreeMap<K, BTreeMap<Platform, V>>,
}

impl<K: Ord, V> ByPlatform<K, V> {
    /// Returns the value for a key and a platform.
    pub fn get(&self, key: &K, platform: &Platform) -> Option<&V> {
        self.values.get(key)?.get(platform)
    }

    /// Returns the value for a key and a platform, mutably.
    pub fn get_mut(&mut self, key: &K, platform: &Platform) -> Option<&mut V> {
        self.values.get_mut(key)?.get_mut(platform)
    }

    /// Inserts or replaces a value.
    pub fn insert(&mut self, key: K, platform: Platform, value: V) {
        let values = self.values.entry(key).or_default();
        values.insert(platform, value);
    }

    /// Iterates over all values, ordered by key and then by platform.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &Platform, &V)> {
        self.values.iter().flat_map(|(key, values)| {
            let values = values.iter();
            values.map(move |(platform, value)| (key, platform, value))
        })
    }
}

impl<K, V> Default for ByPlatform<K, V> {
    fn default() -> Self {
        Self {
            values: BTreeMap::new(),
        }
    }
}

impl<K: Ord, V> FromIterator<(K, Platform, V)> for ByPlatform<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, Platform, V)>>(values: I) -> Self {
        let mut all = Self::default();
        for (key, platform, value) in values {
            all.insert(key, platform, value);
        }
        all
    }
}
