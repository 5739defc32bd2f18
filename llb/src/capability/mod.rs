//! Capabilities of daemons, and the capabilities that a graph needs.

mod registry;
mod set;
mod support;

pub use registry::Capability;
pub use set::CapabilitySet;
pub use support::{Support, UnsupportedCapability, UnsupportedReason};
