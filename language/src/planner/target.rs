//! The target: a stage, or the reports of one.

use super::Planner;
use super::instances::Named;
use crate::diagnostics;
use crate::plan::REPORTS;
use crate::plan::{CACHES_TARGET, Stage, StageId};
use crate::source::{Span, Spanned};

impl Planner<'_> {
    /// Returns the stage that is built if the client names none: the file's target, or the last stage.
    ///
    /// There is none in a file without stages that doesn't name one of another file.
    pub(super) fn default_target(&mut self, own: usize) -> Option<StageId> {
        let named = self.optional(self.file().target.as_ref());
        let named = named.and_then(|name| self.stage_named(&name));
        // The private stages of templates come after it.
        let last = self.instances[..own]
            .iter()
            .rposition(|one| !one.is_private);
        named.or(last.map(StageId))
    }

    /// Returns the stage to build, and if only its reports are requested, the stages that they belong to: with a matrix
    /// there may be several.
    pub(super) fn target(&mut self, default: StageId) -> Option<(StageId, Vec<StageId>)> {
        let Some(target) = &self.request.target else {
            return Some((default, Vec::new()));
        };
        let span = self.names_span();
        let parts = target.split_once('@');
        let Some((stage, part)) =
            parts.filter(|(stage, part)| !stage.is_empty() || *part == REPORTS)
        else {
            return Some((self.stage_of_client(target, span)?, Vec::new()));
        };
        if part != REPORTS || stage.is_empty() {
            let error = diagnostics::unknown_part(stage, part, &[REPORTS], span);
            self.found.push(error);
            return None;
        }
        let ids = match self.stages_of(0, stage) {
            Some((Named::Stages(ids), None)) if ids.len() > 1 => ids,
            _ => vec![self.stage_of_client(stage, span)?],
        };
        Some((*ids.first()?, ids))
    }

    /// Finds a stage by the name from the client.
    fn stage_of_client(&mut self, name: &str, span: Span) -> Option<StageId> {
        let word = Spanned::new(name.to_owned(), span);
        if let Some((named, None)) = self.stages_of(0, name) {
            return self.one_of(named, &word);
        }
        // Docker's own frontend ignores the case of stage names.
        let mut same = self.instances.iter();
        let found = same.position(|other| other.name.eq_ignore_ascii_case(name));
        if found.is_none() {
            let names = self.instances.iter().map(|stage| stage.name.as_str());
            let names = names.chain([CACHES_TARGET]);
            self.found
                .push(diagnostics::unknown_target(name, span, names));
        }
        found.map(StageId)
    }

    /// Reports a target for reports whose stage has none.
    pub(super) fn refuse_missing_reports(
        &mut self,
        target: Option<&(StageId, Vec<StageId>)>,
        stages: &[Stage],
    ) {
        let reported = target.into_iter().flat_map(|(_, reported)| reported);
        for stage in reported.filter_map(|id| stages.get(id.0)) {
            if stage.reports.is_empty() {
                let error = diagnostics::no_reports(&stage.name, stage.span);
                self.found.push(error);
            }
        }
    }

    /// Returns the location at which the names of stages begin, for mistakes in the client's command.
    fn names_span(&self) -> Span {
        let first = self.file().stages.first();
        first.map_or_else(Span::default, |(name, _)| name.span)
    }
}
