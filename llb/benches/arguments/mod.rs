//! What a benchmark is told on the command line.

use std::env;

/// What is to be measured.
pub(crate) struct Arguments {
    /// Whether the largest size is left out.
    pub(crate) quick: bool,
    shape: Option<String>,
}

impl Arguments {
    pub(crate) fn read() -> Self {
        // Cargo's own comes first.
        let arguments = env::args().skip(1).filter(|word| word != "--bench");
        let (options, words): (Vec<_>, Vec<_>) = arguments.partition(|word| word.starts_with('-'));
        Self {
            quick: options.iter().any(|option| option == "--quick"),
            shape: words.into_iter().next(),
        }
    }

    /// Tells whether a shape of this name is wanted.
    pub(crate) fn want(&self, name: &str) -> bool {
        let shape = self.shape.as_ref();
        shape.is_none_or(|shape| name.contains(shape.as_str()))
    }
}
