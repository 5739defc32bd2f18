//! A stage while it is planned.

use crate::plan::{Output, Stage};
use crate::source::Spanned;
use crate::syntax::Name;

/// A stage while it is planned, of one part after the other: templates first, and last what is written in its place.
pub(super) struct Draft {
    /// The stage, whose outputs are added when all of them are known.
    pub stage: Stage,
    /// The outputs that its parts name. Those of a later part replace those of an earlier one.
    pub outputs: Vec<(Name, Output)>,
    /// Its scripts.
    pub scripts: Scripts,
}

/// The scripts of a stage so far.
#[derive(Default)]
pub(super) struct Scripts {
    count: usize,
    /// What they put out.
    pub outputs: Vec<(Name, Output)>,
}

impl Draft {
    /// Begins with a stage that does nothing yet.
    pub(super) fn new(stage: Stage) -> Self {
        Self {
            stage,
            outputs: Vec::new(),
            scripts: Scripts::default(),
        }
    }
}

impl Scripts {
    /// Numbers another script.
    pub(super) fn number(&mut self) -> usize {
        self.count += 1;
        self.count - 1
    }

    /// Adds an output of a script. Returns its path, with the place of its name.
    pub(super) fn add(&mut self, number: usize, name: &Name, path: String) -> Spanned<String> {
        let output = Output::Run(number, path.clone());
        self.outputs.push((name.clone(), output));
        Spanned::new(path, name.span)
    }
}
