//! Branches of `parallel` that conflict.

use std::collections::BTreeMap;

use crate::diagnostics;
use crate::plan::managers;
use crate::plan::{Action, Plan, Step};
use crate::planner::Planner;
use crate::source::Span;

impl Planner<'_> {
    /// Warns of branches that change the database of the same package manager.
    pub(in crate::planner) fn check_branches(&mut self, plan: &Plan) {
        for stage in &plan.stages {
            for action in stage.actions() {
                if let Action::Parallel(branches) = action {
                    self.check_packages(branches);
                }
            }
        }
    }

    fn check_packages(&mut self, branches: &[Vec<Step>]) {
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for branch in branches {
            let mut own: BTreeMap<&str, Span> = BTreeMap::new();
            collect(branch, &mut own);
            for (manager, span) in own {
                let span = self.program.sources.first_line(span);
                if let Some(other) = first.get(manager) {
                    let warning = diagnostics::parallel_packages(manager, span, *other);
                    self.found.push(warning);
                } else {
                    first.insert(manager, span);
                }
            }
        }
    }
}

/// Finds the package managers of steps, each with the first location in the user's file that leads to
/// it.
fn collect(steps: &[Step], found: &mut BTreeMap<&str, Span>) {
    for step in steps {
        match &step.action {
            Action::Run(run) => {
                let place = step.uses.first().copied().unwrap_or(step.span);
                for manager in managers(run, step.span) {
                    found.entry(manager).or_insert(place);
                }
            }
            Action::Parallel(branches) => {
                for branch in branches {
                    collect(branch, found);
                }
            }
            _ => {}
        }
    }
}
