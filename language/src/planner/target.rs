//! What is wanted: a stage, or the reports of one.

use super::Planner;
use super::instances::Named;
use crate::diagnostics;
use crate::plan::REPORTS;
use crate::plan::{CACHES_TARGET, Stage, StageId};
use crate::source::{Span, Spanned};

impl Planner<'_> {
    /// Finds the stage that is built when the client names none: the file's, or the last one.
    ///
    /// There is none in a file without stages that names none of another file.
    pub(super) fn default_target(&mut self, own: usize) -> Option<StageId> {
        let named = self.optional(self.file().target.as_ref());
        let named = named.and_then(|name| self.stage_named(&name));
        // Those that templates have for a stage follow it.
        let last = self.instances[..own]
            .iter()
            .rposition(|one| !one.is_private);
        named.or(last.map(StageId))
    }

    /// Finds the stage that is to be built, and if only its reports are wanted, the stages that they are of: with a matrix
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

    /// Finds a stage by the name that the client gives.
    fn stage_of_client(&mut self, name: &str, span: Span) -> Option<StageId> {
        let word = Spanned::new(name.to_owned(), span);
        if let Some((named, None)) = self.stages_of(0, name) {
            return self.one_of(named, &word);
        }
        // Docker's own frontend takes names of stages in any case.
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

    /// Reports a target of reports whose stage has none.
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

    /// Returns the place where the names of stages begin, for what is wrong with the client's command.
    fn names_span(&self) -> Span {
        let first = self.file().stages.first();
        first.map_or_else(Span::default, |(name, _)| name.span)
    }
}
