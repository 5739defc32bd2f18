//! What daemons can and can't do, and what a graph asks of them.

mod registry;
mod set;
mod support;

pub use registry::Capability;
pub use set::CapabilitySet;
pub use support::{Support, UnsupportedCapability, UnsupportedReason};
