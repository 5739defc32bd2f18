//! How much a file may stand for, written out.
//!
//! A short file can stand for a lot: aliases, templates, matrices and what stages inherit of one another copy what is
//! written once. Whatever copies takes it from the one budget of its program first, so that memory and time are bounded
//! by what the user wrote and this, whichever way a file finds to copy.

use std::cell::Cell;

use cel::Value;
use cel::objects::Key;

use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::source::Span;

/// How many bytes a program may stand for, each string as often as it is used. A message to a daemon holds 16 MiB.
pub const MAX_BYTES: usize = 64 << 20;
/// What a value counts besides the bytes of its strings: about what it takes in memory.
pub const VALUE: usize = 64;

/// How large something is, written out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// How many values it consists of.
    pub values: usize,
    /// The bytes of their strings.
    pub bytes: usize,
}

impl Size {
    /// Returns the size of a string.
    pub fn of(text: &str) -> Self {
        Self {
            values: 1,
            bytes: text.len(),
        }
    }

    /// Returns the size of strings together.
    pub fn of_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        texts
            .into_iter()
            .fold(Self::default(), |size, text| size + Self::of(text))
    }

    /// Returns the size of a value of an expression. What is larger than `limit` values and bytes together isn't looked
    /// at to the end: parts that are shared would be looked at again and again.
    pub fn of_value(value: &Value, limit: usize) -> Self {
        let mut size = Self::default();
        size.add_value(value, limit);
        size
    }

    fn add_value(&mut self, value: &Value, limit: usize) {
        self.values += 1;
        if self.total() > limit {
            return;
        }
        match value {
            Value::String(text) => self.bytes += text.len(),
            Value::Bytes(bytes) => self.bytes += bytes.len(),
            Value::List(items) => {
                for item in items.iter() {
                    self.add_value(item, limit);
                    if self.total() > limit {
                        return;
                    }
                }
            }
            Value::Map(map) => {
                for (key, item) in map.map.iter() {
                    if let Key::String(text) = key {
                        self.bytes += text.len();
                    }
                    self.add_value(item, limit);
                    if self.total() > limit {
                        return;
                    }
                }
            }
            _ => {}
        }
    }

    /// Returns values and bytes together.
    pub fn total(self) -> usize {
        self.values.saturating_add(self.bytes)
    }

    /// Returns about how many bytes of memory it takes.
    pub fn in_memory(self) -> usize {
        self.values.saturating_mul(VALUE).saturating_add(self.bytes)
    }
}

impl std::ops::Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            values: self.values.saturating_add(other.values),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

impl std::ops::Mul<usize> for Size {
    type Output = Self;

    fn mul(self, times: usize) -> Self {
        Self {
            values: self.values.saturating_mul(times),
            bytes: self.bytes.saturating_mul(times),
        }
    }
}

impl std::iter::Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), std::ops::Add::add)
    }
}

/// What is left of what a program may stand for.
#[derive(Debug, Default)]
pub struct Budget {
    /// What reading its files took, aliases written out.
    read: Cell<Size>,
    /// What planning took so far, in bytes.
    taken: Cell<usize>,
    /// What evaluating its expressions cost so far.
    cost: Cell<u64>,
    /// Whether it has been said that something is used up.
    reported: Cell<bool>,
}

impl Budget {
    /// Takes what a copy needs; false if there isn't as much left, and then nothing may be copied. That is reported once.
    pub fn take(&self, size: Size, span: Span, found: &mut Diagnostics) -> bool {
        let taken = self.taken.get().saturating_add(size.in_memory());
        self.taken.set(taken);
        if taken > MAX_BYTES {
            self.report(|| diagnostics::too_much_text(MAX_BYTES, span), found);
            return false;
        }
        true
    }

    /// Takes what a copy needs whose size is counted only if anything is left: otherwise counting would take as long as copying.
    pub(crate) fn take_counted(
        &self,
        size: impl FnOnce() -> Size,
        span: Span,
        found: &mut Diagnostics,
    ) -> bool {
        !self.is_spent() && self.take(size(), span, found)
    }

    /// Tells whether nothing is left, so that nothing more may be copied.
    pub(crate) fn is_spent(&self) -> bool {
        self.taken.get() > MAX_BYTES
    }

    /// Takes what an evaluation has cost.
    pub(crate) fn spend(&self, cost: u64) {
        self.cost.set(self.cost.get().saturating_add(cost));
    }

    /// Returns what evaluations have cost so far.
    pub(crate) fn spent(&self) -> u64 {
        self.cost.get()
    }

    /// Returns what the files that are read already stand for.
    pub(crate) fn read(&self) -> Size {
        self.read.get()
    }

    /// Adds a file.
    pub(crate) fn add_file(&self, size: Size) {
        self.read.set(self.read.get() + size);
    }

    /// Reports, once, that something is used up.
    pub(crate) fn report(
        &self,
        error: impl FnOnce() -> crate::diagnostic::Diagnostic,
        found: &mut Diagnostics,
    ) {
        if !self.reported.replace(true) {
            found.push(error());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use cel::Value;

    use super::{Budget, MAX_BYTES, Size};
    use crate::diagnostic::Diagnostics;
    use crate::source::Span;

    #[test]
    fn what_can_not_be_copied_is_not_counted() {
        let budget = Budget::default();
        let mut found = Diagnostics::default();
        let half = Size {
            values: 0,
            bytes: MAX_BYTES / 2 + 1,
        };
        let mut counted = 0;
        let mut take = || {
            let size = || {
                counted += 1;
                half
            };
            budget.take_counted(size, Span::new(0, 0), &mut found)
        };
        assert_eq!(
            [take(), take(), take(), take()],
            [true, false, false, false]
        );
        assert_eq!(counted, 2);
        assert_eq!(found.errors().len(), 1);
    }

    #[test]
    fn a_value_that_shares_its_parts_counts_them_all_but_is_not_looked_at_for_ever() {
        let mut value = Value::from("ab".to_owned());
        for _ in 0..2 {
            value = Value::List(Arc::new(vec![value.clone(), value]));
        }
        let size = Size::of_value(&value, 1_000);
        assert_eq!((size.values, size.bytes), (7, 8));
        for _ in 0..60 {
            value = Value::List(Arc::new(vec![value.clone(), value]));
        }
        let size = Size::of_value(&value, 1_000);
        assert!((1_001..1_100).contains(&size.total()), "{size:?}");
    }
}
