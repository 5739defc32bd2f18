//! A set that numbers its values.

use std::collections::HashMap;
use std::hash::Hash;

/// Above this size, a hash table is faster than a linear search.
const SMALL: usize = 16;

/// A set that keeps values in the order of their insertion, and finds their positions.
#[derive(Debug)]
pub(crate) struct OrderedSet<T> {
    values: Vec<T>,
    /// Filled only above that size, so that small sets need one allocation.
    positions: HashMap<T, usize>,
}

impl<T: Copy + Eq + Hash> OrderedSet<T> {
    /// Inserts a value if it is new, and returns its position.
    pub(crate) fn insert(&mut self, value: T) -> usize {
        if let Some(position) = self.find(&value) {
            return position;
        }
        self.push(value)
    }

    /// Appends a value even if the set has an equal one, and returns its position.
    pub(crate) fn push(&mut self, value: T) -> usize {
        let position = self.values.len();
        self.values.push(value);
        if position == SMALL {
            let values = self.values.iter().copied();
            self.positions.extend(values.zip(0..));
        } else if position > SMALL {
            self.positions.entry(value).or_insert(position);
        }
        position
    }

    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    pub(crate) fn clear(&mut self) {
        self.values.clear();
        self.positions.clear();
    }

    fn find(&self, value: &T) -> Option<usize> {
        if self.values.len() <= SMALL {
            return self.values.iter().position(|known| known == value);
        }
        self.positions.get(value).copied()
    }
}

impl<T> Default for OrderedSet<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            positions: HashMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_stay_whatever_the_size() {
        let mut set = OrderedSet::default();
        for round in 0..2 {
            for value in 0..100 {
                assert_eq!(set.insert(value), value, "round {round}");
            }
        }
        assert_eq!(set.values().len(), 100);
        set.clear();
        assert_eq!(set.insert(7), 0);
    }
}
