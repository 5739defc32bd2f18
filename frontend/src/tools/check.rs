//! `check`: everything that is wrong with a file, without building it.

use crate::diagnostic::{Diagnostics, render};
use crate::expression::Language;
use crate::plan::{Plan, Request, plan};
use crate::source::Source;
use crate::syntax;

/// What reading and planning a file found.
#[derive(Debug)]
pub struct Checked {
    /// The plan, if the file is good enough to make one. With errors it is good for looking at, not for building.
    pub plan: Option<Plan>,
    /// All that was found.
    pub found: Diagnostics,
}

impl Checked {
    /// Describes what was found, errors first; empty if nothing was.
    pub fn report(&self, source: &Source) -> String {
        let (errors, warnings) = (self.found.errors(), self.found.warnings());
        let all: Vec<_> = errors.into_iter().chain(warnings).collect();
        render(source, &all)
    }

    /// Describes the errors, with their number.
    pub fn failure(&self, source: &Source) -> String {
        let errors = self.found.errors();
        let count = match errors.len() {
            1 => "1 error".to_owned(),
            count => format!("{count} errors"),
        };
        format!(
            "{count} in {}\n\n{}\n",
            source.name(),
            render(source, &errors)
        )
    }
}

/// Reads and plans a file.
pub fn check(source: &Source, request: &Request) -> Checked {
    let language = Language::default();
    let mut found = Diagnostics::default();
    let file = syntax::read(source, &language, &mut found);
    let plan = file.and_then(|file| plan(&file, source, &language, request, &mut found));
    Checked { plan, found }
}
