//! Branches of steps that run in parallel.

use buildkit_llb::{Capability, Diff, Merge, State};
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::Step;

use super::building::{Building, places};
use super::built::Built;
use super::progress::{self, Called as _, Progress};

impl Building<'_> {
    /// Runs branches of steps, each starting from the same files, and merges their changes.
    ///
    /// A daemon that can't compute differences runs them one after another.
    pub(super) fn parallel(
        &self,
        step: &Step,
        branches: &[Vec<Step>],
        progress: &mut Progress,
        built: &mut Built,
        found: &mut Diagnostics,
    ) {
        let apart = self.lowering.can(Capability::MergeOp) && self.lowering.can(Capability::DiffOp);
        let base = built.state.clone();
        let mut changed: Vec<(usize, State)> = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if apart {
                built.state = base.clone();
            }
            let layers = built.layers.len();
            self.steps(branch, progress, built, found);
            // The conditions of all steps of a branch may be false.
            if built.layers.len() > layers {
                changed.push((index + 1, built.state.clone()));
            }
        }
        if !apart {
            return;
        }
        built.state = match changed.as_slice() {
            [] => base,
            [(_, only)] => only.clone(),
            _ => {
                let what = progress::describe(step, self.plan);
                let differences = changed.iter().map(|(number, state)| {
                    let name = progress.beside(&format!("{what}: branch {number}"));
                    let difference = self.lowering.locate(Diff::new(&base, state), places(step));
                    difference.called(name).into_state()
                });
                let layers: Vec<State> = std::iter::once(base.clone()).chain(differences).collect();
                let merge = self.lowering.locate(Merge::new(&layers), places(step));
                let merged = merge.called(progress.beside(&what)).into_state();
                merged.settings_of(&base)
            }
        };
    }
}
