//! Build contexts.

mod git_reference;

pub use git_reference::{GitReference, GitReferenceError};
