//! The command-line arguments of a benchmark.

use std::env;

/// What to measure.
pub(crate) struct Arguments {
    /// Whether to leave out the largest size.
    pub(crate) quick: bool,
    shape: Option<String>,
}

impl Arguments {
    pub(crate) fn read() -> Self {
        // Cargo passes `--bench` first.
        let arguments = env::args().skip(1).filter(|word| word != "--bench");
        let (options, words): (Vec<_>, Vec<_>) = arguments.partition(|word| word.starts_with('-'));
        Self {
            quick: options.iter().any(|option| option == "--quick"),
            shape: words.into_iter().next(),
        }
    }

    /// Tells whether to measure the shape with this name.
    pub(crate) fn want(&self, name: &str) -> bool {
        let shape = self.shape.as_ref();
        shape.is_none_or(|shape| name.contains(shape.as_str()))
    }
}
