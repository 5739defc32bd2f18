//! `${{ … }}`: CEL expressions in the scalars of a file.
//!
//! A [`Text`] is a scalar split into literal pieces and compiled expressions. It is created while the file is read, so
//! that every syntax error is found whether or not the value is used. A [`Scope`] holds the names that expressions may
//! use and evaluates a `Text` to a string. Everything is evaluated before the graph is created.

mod base;
mod cost;
mod language;
mod metering;
mod scope;
mod text;

pub use base::{BASE, Base, Known};
pub use cost::MAX_COST;
pub use language::{Language, MAX_DEPTH, MAX_LENGTH};
pub use scope::{
    Argument, Combination, Inputs, LocalNames, MAX_TOTAL_COST, MAX_VALUE, Platforms, Scope, User,
    written,
};
pub use text::{Text, places};
