//! Marshalling of vertices into a definition.

mod assembly;
mod inputs;
mod options;
mod sources;
mod walk;

pub(crate) use inputs::{EMPTY, Inputs, wire_index};
pub use options::MarshalOptions;
pub(crate) use walk::{Context, marshal};
