//! The cost of evaluating an expression, and its limit.
//!
//! Every CEL expression terminates, but some nested `map`s take years, and some `replace`s exceed all memory. So
//! [`super::metering`] inserts calls of two functions, whose names aren't valid in CEL, between the parts of every
//! expression. They return their argument, and count it.

use std::cell::Cell;

use cel::common::types::{CelBytes, CelList, CelMap, CelString, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

/// Counts its argument.
pub(super) const COUNT: &str = "@count";
/// Counts what can result from its first argument with its second one, as in `replace` or `join`, and returns the first.
pub(super) const COUNT_PRODUCT: &str = "@count_product";

/// The maximum cost of one expression: 1 for every operation, for every item of a value that is created or traversed,
/// and for every [`BYTES`] bytes of strings.
pub const MAX_COST: u64 = 100_000;
/// The number of bytes of a string that cost as much as an operation.
const BYTES: usize = 64;

thread_local! {
    /// The remaining cost of the expression that this thread evaluates. CEL functions can't have state.
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// The error for an evaluation that exceeded its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TooCostly;

/// Declares the two functions.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(COUNT, COUNT, vec![DYN_TYPE], count)?;
    let two = vec![DYN_TYPE, DYN_TYPE];
    env.add_overload(COUNT_PRODUCT, COUNT_PRODUCT, two, count_product)
}

/// Evaluates something with a cost limit; returns its cost.
pub(super) fn limited<T>(limit: u64, evaluate: impl FnOnce() -> T) -> (Result<T, TooCostly>, u64) {
    LEFT.set(limit);
    let value = evaluate();
    let left = LEFT.get();
    // CEL sometimes converts an error inside `exists` or `||` to a value, so the result can't be relied on.
    let value = if left == 0 { Err(TooCostly) } else { Ok(value) };
    (value, limit - left)
}

fn spend(cost: u64) -> Result<(), ExecutionError> {
    let left = LEFT.get().saturating_sub(cost);
    LEFT.set(left);
    if left == 0 {
        return Err(ExecutionError::function_error(COUNT, "it costs too much"));
    }
    Ok(())
}

fn count<'b, 'v>(mut arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = arguments.pop();
    let value = value.ok_or_else(ExecutionError::missing_argument_or_target)?;
    // The rest of a value beyond the limit isn't traversed.
    let mut limit = LEFT.get();
    weigh(value.as_ref(), &mut limit);
    spend(LEFT.get() - limit)?;
    Ok(value)
}

fn count_product<'b, 'v>(
    mut arguments: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let by = arguments.pop();
    let (Some(value), Some(by)) = (arguments.pop(), by) else {
        return Err(ExecutionError::missing_argument_or_target());
    };
    let bytes = length(value.as_ref()).saturating_mul(length(by.as_ref()));
    spend(1 + to_cost(bytes))?;
    Ok(value)
}

/// Subtracts the cost of a value from `left`.
fn weigh(value: &dyn Val, left: &mut u64) {
    if *left == 0 {
        return;
    }
    *left = left.saturating_sub(1);
    if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        list.inner()
            .iter()
            .for_each(|item| weigh(item.as_ref(), left));
    } else if let Some(map) = value.downcast_ref::<CelMap<'_>>() {
        for item in map.inner().values() {
            // For the key.
            *left = left.saturating_sub(1);
            weigh(item.as_ref(), left);
        }
    } else {
        *left = left.saturating_sub(to_cost(length(value)));
    }
}

/// Returns the length of a string in bytes, or the number of items of a list.
fn length(value: &dyn Val) -> usize {
    if let Some(text) = value.downcast_ref::<CelString<'_>>() {
        text.inner().len()
    } else if let Some(bytes) = value.downcast_ref::<CelBytes<'_>>() {
        bytes.inner().len()
    } else if let Some(list) = value.downcast_ref::<CelList<'_>>() {
        list.inner().len()
    } else {
        0
    }
}

/// Returns the cost of traversing this number of values, with strings of this number of bytes.
pub(super) fn traversal(values: usize, bytes: usize) -> u64 {
    u64::try_from(values)
        .unwrap_or(u64::MAX)
        .saturating_add(to_cost(bytes))
}

fn to_cost(bytes: usize) -> u64 {
    u64::try_from(bytes / BYTES).unwrap_or(u64::MAX)
}
