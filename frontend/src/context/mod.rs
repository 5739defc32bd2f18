//! The build context, as far as it is known before a build: which of its paths a plan uses, which of these its ignore
//! file excludes, and which don't exist.

mod examination;
mod ignored;
mod listing;

pub use examination::{Examination, Look, Outputs};
pub use ignored::Ignored;
pub use listing::{Kind, Listing, Missing};
