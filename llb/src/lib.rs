//! LLB, BuildKit's build graph, as Rust values.

mod checksum;
mod digest;
mod path;
mod platform;
mod reference;

pub use checksum::{Checksum, ChecksumError};
pub use digest::{Digest, DigestError};
pub use platform::{Platform, PlatformError};
pub use reference::{Reference, ReferenceError};
