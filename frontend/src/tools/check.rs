//! `check`: everything that is wrong with a file, without building it.

use crate::diagnostic::{Diagnostics, failure, render};
use crate::expression::Language;
use crate::plan::{Plan, Request, plan};
use crate::program::Program;
use crate::source::{Source, Sources};

/// What reading and planning a file found.
#[derive(Debug)]
pub struct Checked {
    /// The file, and those that it imports.
    pub sources: Sources,
    /// The plan, if the file is good enough to make one. With errors it is good for looking at, not for building.
    pub plan: Option<Plan>,
    /// All that was found.
    pub found: Diagnostics,
}

impl Checked {
    /// Takes the plan, unless there are errors.
    pub fn take_plan(&mut self) -> Option<Plan> {
        self.plan.take().filter(|_| !self.found.has_errors())
    }

    /// Describes what was found, errors first; empty if nothing was.
    pub fn report(&self) -> String {
        let (errors, warnings) = (self.found.errors(), self.found.warnings());
        let all: Vec<_> = errors.into_iter().chain(warnings).collect();
        render(&self.sources, &all)
    }

    /// Describes the errors, with their number.
    pub fn failure(&self) -> String {
        failure(&self.sources, &self.found)
    }
}

/// Reads and plans a file.
pub fn check(source: Source, request: &Request) -> Checked {
    let language = Language::default();
    let mut found = Diagnostics::default();
    let program = Program::read(source, &language, request, &mut found);
    let plan = if program.modules.is_empty() {
        None
    } else {
        plan(&program, &language, request, &mut found)
    };
    let sources = program.sources;
    Checked {
        sources,
        plan,
        found,
    }
}
