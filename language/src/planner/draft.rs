//! A stage that is being planned.

use crate::plan::{Output, Stage};
use crate::source::Spanned;
use crate::syntax::Name;

/// A stage that is being planned, one part after the other: templates first, and its own text last.
pub(super) struct Draft {
    /// The stage. Its outputs are added when all of them are known.
    pub stage: Stage,
    /// The outputs that its parts define. Those of a later part override earlier ones.
    pub outputs: Vec<(Name, Output)>,
    /// Its scripts.
    pub scripts: Scripts,
}

/// The scripts of a stage so far.
#[derive(Default)]
pub(super) struct Scripts {
    count: usize,
    /// Their outputs.
    pub outputs: Vec<(Name, Output)>,
}

impl Draft {
    /// Creates a draft of an empty stage.
    pub(super) fn new(stage: Stage) -> Self {
        Self {
            stage,
            outputs: Vec::new(),
            scripts: Scripts::default(),
        }
    }
}

impl Scripts {
    /// Returns the number of the next script.
    pub(super) fn number(&mut self) -> usize {
        self.count += 1;
        self.count - 1
    }

    /// Adds an output of a script. Returns its path, with the location of its name.
    pub(super) fn add(&mut self, number: usize, name: &Name, path: String) -> Spanned<String> {
        let output = Output::Run(number, path.clone());
        self.outputs.push((name.clone(), output));
        Spanned::new(path, name.span)
    }
}
