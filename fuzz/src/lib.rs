//! What must hold for any input, however hostile: one function for each kind of input.
//!
//! Each function panics if it doesn't hold. The programs in `fuzz_targets` call them with a fuzzer's input, and the
//! tests with the files in `seeds`, so that neither can rot.
#![forbid(unsafe_code)]
#![expect(clippy::missing_panics_doc, reason = "to panic is what they are for")]

mod convert;
mod definition;
mod dockerfile;
mod dockerfile_fix;
mod expression;
mod file;
mod ignore;
mod places;
mod reference;
mod tree;
mod words;

pub use convert::convert;
pub use definition::definition;
pub use dockerfile::dockerfile;
pub use dockerfile_fix::dockerfile_fix;
pub use expression::expression;
pub use file::file;
pub use ignore::ignore;
pub use reference::reference;
pub use tree::tree;
pub use words::words;

/// A kind of input: its name, which is that of a folder in `seeds`, and its check.
pub type Target = (&'static str, fn(&[u8]));

/// All kinds of input.
pub const TARGETS: [Target; 10] = [
    ("convert", convert),
    ("definition", definition),
    ("dockerfile", dockerfile),
    ("dockerfile_fix", dockerfile_fix),
    ("expression", expression),
    ("file", file),
    ("ignore", ignore),
    ("reference", reference),
    ("tree", tree),
    ("words", words),
];
