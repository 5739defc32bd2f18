//! The budget for what a file can expand to.
//!
//! A short file can expand to a lot: aliases, templates, matrices and inheritance between stages copy what is written once.
//! Everything that copies first takes the size from the single budget of its program, so that memory and time are limited by the
//! user's text and this budget, however a file copies.

use std::cell::Cell;

use cel::Value;
use cel::objects::Key;

use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::source::Span;

/// The maximum size of an expanded program in bytes, counting each string as often as it is used. A message to a daemon is
/// limited to 16 MiB.
pub const MAX_BYTES: usize = 64 << 20;
/// The size of a value in addition to the bytes of its strings: approximately its memory.
pub const VALUE: usize = 64;

/// The size of an expanded value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The number of values in it.
    pub values: usize,
    /// The size of their strings in bytes.
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

    /// Returns the total size of strings.
    pub fn of_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        texts
            .into_iter()
            .fold(Self::default(), |size, text| size + Self::of(text))
    }

    /// Returns the size of an expression's value. A value with more than `limit` values and bytes isn't traversed to the end:
    /// shared parts would be visited again and again.
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

    /// Returns the sum of values and bytes.
    pub fn total(self) -> usize {
        self.values.saturating_add(self.bytes)
    }

    /// Returns the approximate memory in bytes.
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

/// The remaining budget of a program.
#[derive(Debug, Default)]
pub struct Budget {
    /// The size of the files read so far, with aliases expanded.
    read: Cell<Size>,
    /// The size that planning has taken so far, in bytes.
    taken: Cell<usize>,
    /// The cost of evaluating expressions so far.
    cost: Cell<u64>,
    /// Whether exceeding the budget has been reported.
    reported: Cell<bool>,
}

impl Budget {
    /// Takes the size of a copy; returns `false` if there isn't enough left, and then nothing may be copied. This is reported
    /// once.
    pub fn take(&self, size: Size, span: Span, found: &mut Diagnostics) -> bool {
        let taken = self.taken.get().saturating_add(size.in_memory());
        self.taken.set(taken);
        if taken > MAX_BYTES {
            self.report(|| diagnostics::too_much_text(MAX_BYTES, span), found);
            return false;
        }
        true
    }

    /// Takes the size of a copy, which is computed only if anything is left: otherwise computing it would take as long as
    /// copying.
    pub(crate) fn take_counted(
        &self,
        size: impl FnOnce() -> Size,
        span: Span,
        found: &mut Diagnostics,
    ) -> bool {
        !self.is_spent() && self.take(size(), span, found)
    }

    /// Reports whether nothing is left, so that nothing more may be copied.
    pub(crate) fn is_spent(&self) -> bool {
        self.taken.get() > MAX_BYTES
    }

    /// Adds the cost of an evaluation.
    pub(crate) fn spend(&self, cost: u64) {
        self.cost.set(self.cost.get().saturating_add(cost));
    }

    /// Returns the cost of evaluations so far.
    pub(crate) fn spent(&self) -> u64 {
        self.cost.get()
    }

    /// Returns the size of the files read so far.
    pub(crate) fn read(&self) -> Size {
        self.read.get()
    }

    /// Adds a file.
    pub(crate) fn add_file(&self, size: Size) {
        self.read.set(self.read.get() + size);
    }

    /// Reports, once, that the budget is exceeded.
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
