//! The build context, as far as it is known before a build: which paths of it a plan uses, which of them its ignore file
//! excludes, and which aren't there.

mod examination;
mod ignored;
mod listing;

pub use examination::{Examination, Look, Outputs};
pub use ignored::Ignored;
pub use listing::{Kind, Listing, Missing};
