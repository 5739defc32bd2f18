//! Requirements: what has to succeed before a stage counts as built.

use std::collections::BTreeSet;

use buildkit_llb::{Constrain, Passthrough, ProgressGroup, State};
use stagefile_language::source::Span;

use super::building::Building;
use super::built::{Built, Requirement};
use super::progress::Progress;

impl Building<'_> {
    /// Makes the result, and the outputs of its steps, valid only if its requirements and assertions succeed.
    pub(super) fn require(&self, progress: &Progress, built: &mut Built) {
        let required = self.stage.requires.iter().filter_map(|id| {
            Some(Requirement {
                name: self.plan.stage(id.value).name.clone(),
                state: self.done.get(&id.value)?.state.clone(),
                span: id.span,
            })
        });
        let assertions = &self.stage.assertions.places;
        let checks = built.checks.clone().into_iter();
        let asserted = checks.map(|state| Requirement {
            name: format!("what {} asserts", self.stage.name),
            state,
            span: assertions.last().copied().unwrap_or(self.stage.span),
        });
        built.requirements.extend(required.chain(asserted));
        if built.requirements.is_empty() {
            return;
        }
        let requirements = built.requirements.iter();
        let mut names: Vec<&str> = requirements.map(|one| one.name.as_str()).collect();
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(*name));
        let label = progress.beside(&format!("requires {}", names.join(", ")));
        // It may take several vertices, which are shown as one line of the progress output.
        let group = ProgressGroup {
            id: label.clone(),
            name: label.clone(),
            weak: false,
        };
        let states = || built.requirements.iter().map(|one| &one.state);
        let spans: BTreeSet<Span> = built.requirements.iter().map(|one| one.span).collect();
        let checked = |state: &State| {
            let passthrough = Passthrough::new(&label)
                .forwarding(state)
                .requiring(states())
                .grouped(group.clone());
            let passthrough = self.lowering.locate(passthrough, spans.iter().copied());
            let supported = passthrough.into_state_supported(&self.lowering.daemon.support);
            // This can't fail here; if it did, the requirement must not be lost.
            supported.unwrap_or_else(|_| state.requires_by_copy(&label, states()))
        };
        built.state = checked(&built.state);
        for (output, _) in built.outputs.values_mut() {
            *output = checked(output);
        }
    }
}
