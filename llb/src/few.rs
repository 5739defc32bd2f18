//! Lists that nearly always have one value, or at most two.

use std::ops::{Deref, DerefMut};

/// A list that stores a single value without an allocation.
#[derive(Clone, Debug, Default)]
pub(crate) enum Few<T> {
    #[default]
    None,
    One(T),
    Many(Vec<T>),
}

impl<T> Few<T> {
    pub(crate) fn push(&mut self, value: T) {
        self.insert(self.len(), value);
    }

    /// Inserts a value before the one at a position, or at the end.
    pub(crate) fn insert(&mut self, position: usize, value: T) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(value),
            Self::One(only) if position == 0 => Self::Many(vec![value, only]),
            Self::One(only) => Self::Many(vec![only, value]),
            Self::Many(mut all) => {
                all.insert(position, value);
                Self::Many(all)
            }
        };
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(only) => std::slice::from_ref(only),
            Self::Many(all) => all,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::None => &mut [],
            Self::One(only) => std::slice::from_mut(only),
            Self::Many(all) => all,
        }
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        for value in values {
            self.push(value);
        }
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut values = values.into_iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(only), None) => Self::One(only),
            (Some(first), Some(second)) => {
                Self::Many([first, second].into_iter().chain(values).collect())
            }
        }
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::option::IntoIter<T>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        let (only, all) = match self {
            Self::None => (None, Vec::new()),
            Self::One(only) => (Some(only), Vec::new()),
            Self::Many(all) => (None, all),
        };
        only.into_iter().chain(all)
    }
}

/// A list that stores up to two values without an allocation.
#[derive(Clone, Debug, Default)]
pub(crate) enum UpToTwo<T> {
    #[default]
    None,
    One(T),
    Two([T; 2]),
    Many(Vec<T>),
}

impl<T> UpToTwo<T> {
    pub(crate) fn push(&mut self, value: T) {
        self.insert(self.len(), value);
    }

    /// Inserts a value before the one at a position, or at the end.
    pub(crate) fn insert(&mut self, position: usize, value: T) {
        let insert = |mut all: Vec<T>, value| {
            all.insert(position, value);
            Self::Many(all)
        };
        *self = match std::mem::take(self) {
            Self::None => Self::One(value),
            Self::One(only) if position == 0 => Self::Two([value, only]),
            Self::One(only) => Self::Two([only, value]),
            Self::Two(both) => insert(both.into(), value),
            Self::Many(all) => insert(all, value),
        };
    }
}

impl<T> Deref for UpToTwo<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(only) => std::slice::from_ref(only),
            Self::Two(both) => both,
            Self::Many(all) => all,
        }
    }
}

impl<T> DerefMut for UpToTwo<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Self::None => &mut [],
            Self::One(only) => std::slice::from_mut(only),
            Self::Two(both) => both,
            Self::Many(all) => all,
        }
    }
}

impl<T: PartialEq> PartialEq for UpToTwo<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for UpToTwo<T> {}

impl<T> FromIterator<T> for UpToTwo<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut list = Self::None;
        for value in values {
            list.push(value);
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_order_however_many_there_are() {
        for count in 0..5 {
            let values: Vec<usize> = (0..count).collect();
            let (mut pushed, mut inserted) = (Few::default(), Few::default());
            for value in &values {
                pushed.push(*value);
            }
            for value in values.iter().rev() {
                inserted.insert(0, *value);
            }
            let collected: Few<usize> = values.iter().copied().collect();
            assert_eq!(*pushed, *values);
            assert_eq!(pushed, inserted);
            assert_eq!(pushed, collected);
            assert_eq!(pushed.into_iter().collect::<Vec<_>>(), values);
            let collected: UpToTwo<usize> = values.iter().copied().collect();
            let mut inserted = UpToTwo::default();
            for value in values.iter().rev() {
                inserted.insert(0, *value);
            }
            assert_eq!(*collected, *values);
            assert_eq!(collected, inserted);
        }
    }
}
