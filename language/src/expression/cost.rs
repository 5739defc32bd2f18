//! What evaluating an expression costs, and the end of those that cost too much.
//!
//! Every CEL expression ends, but a few nested `map`s end in years, and a few `replace`s in more memory than there is.
//! So [`super::metering`] puts calls of two functions, whose names can't be written in CEL, between the parts of every
//! expression. They hand on what they are given, and count it.

use std::cell::Cell;

use cel::common::types::{CelBytes, CelList, CelMap, CelString, DYN_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

/// Counts its argument.
pub(super) const COUNT: &str = "@count";
/// Counts what can be made of its first argument with its second one, such as by `replace` or `join`, and hands on the
/// first.
pub(super) const COUNT_PRODUCT: &str = "@count_product";

/// What one expression may cost: 1 for every operation, for every item of a value that it makes or goes through, and for
/// every [`BYTES`] bytes of strings.
pub const MAX_COST: u64 = 100_000;
/// How many bytes of a string cost as much as an operation.
const BYTES: usize = 64;

thread_local! {
    /// What is left to the expression that this thread evaluates. CEL's functions can't own anything.
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// The evaluation cost more than it may.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TooCostly;

/// Declares the two functions.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(COUNT, COUNT, vec![DYN_TYPE], count)?;
    let two = vec![DYN_TYPE, DYN_TYPE];
    env.add_overload(COUNT_PRODUCT, COUNT_PRODUCT, two, count_product)
}

/// Evaluates something that may cost so much; returns what it has cost.
pub(super) fn limited<T>(limit: u64, evaluate: impl FnOnce() -> T) -> (Result<T, TooCostly>, u64) {
    LEFT.set(limit);
    let value = evaluate();
    let left = LEFT.get();
    // Of an error inside of `exists` or `||` CEL makes a value at times, so that its result says nothing.
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
    // More than is left of a value isn't looked at.
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

/// Takes what a value costs from `left`.
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

/// Returns the bytes of a string, or the items of a list.
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

/// Returns what it costs to go through so many values, with strings of so many bytes.
pub(super) fn of(values: usize, bytes: usize) -> u64 {
    u64::try_from(values)
        .unwrap_or(u64::MAX)
        .saturating_add(to_cost(bytes))
}

fn to_cost(bytes: usize) -> u64 {
    u64::try_from(bytes / BYTES).unwrap_or(u64::MAX)
}
