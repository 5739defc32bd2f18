//! Sources that only the client can provide: named contexts, layouts, and names that refer to one or to an image.
//!
//! A client provides what its target needs, and each target of a bake file needs something else. So a missing source is only a
//! mistake in stages that the target needs. If another stage has a name that is similar to an existing one, it is probably a
//! typo, and causes a warning.

use std::collections::{BTreeMap, BTreeSet};

use stagefile_text::suggestion::closest;

use crate::diagnostic::Diagnostic;
use crate::diagnostics;
use crate::plan::{Base, External, LayoutSource, Source, Stage, StageId, order};
use crate::planner::Planner;
use crate::source::Span;

impl Planner<'_> {
    /// Reports what the client doesn't provide, and names that are probably mistyped. Without a target, all stages count.
    /// Returns the stages that lack something themselves.
    pub(in crate::planner) fn refuse_what_is_not_given(
        &mut self,
        target: Option<&(StageId, Vec<StageId>)>,
        stages: &[Stage],
    ) -> BTreeSet<StageId> {
        let mut needed = vec![target.is_none(); stages.len()];
        if let Some((target, reported)) = target {
            for id in order(stages, std::iter::once(target).chain(reported)) {
                needed[id.index()] = true;
            }
        }
        // A location may belong to several stages, such as that of a default.
        let mut lacks: BTreeMap<Span, (Lack<'_>, &[Span], bool)> = BTreeMap::new();
        let mut lacking = BTreeSet::new();
        for (index, (stage, needed)) in stages.iter().zip(needed).enumerate() {
            for (external, span, uses) in externals(stage) {
                let Some(lack) = self.lack(external, span) else {
                    continue;
                };
                lacking.insert(StageId(index));
                let (_, _, known) = lacks.entry(span).or_insert((lack, uses, needed));
                *known |= needed;
            }
        }
        for (span, (lack, uses, needed)) in lacks {
            let diagnostic = if needed {
                Some(self.error(&lack, span))
            } else {
                self.warning(&lack, span)
            };
            if let Some(one) = diagnostic {
                self.found.push_within(uses, one);
            }
        }
        lacking
    }

    /// Warns of names in an unneeded stage that are probably mistyped.
    pub(in crate::planner) fn warn_of_what_is_not_given(&mut self, stage: &Stage) {
        for (external, span, uses) in externals(stage) {
            let lack = self.lack(external, span);
            if let Some(warning) = lack.and_then(|lack| self.warning(&lack, span)) {
                self.found.push_within(uses, warning);
            }
        }
    }

    /// Returns the diagnostic for a source that the client would have to provide and doesn't.
    pub(in crate::planner) fn missing(
        &self,
        external: &External,
        span: Span,
    ) -> Option<Diagnostic> {
        let lack = self.lack(external, span)?;
        Some(self.error(&lack, span))
    }

    /// Returns what the client would have to provide for a source, and doesn't.
    fn lack<'e>(&self, external: &'e External, span: Span) -> Option<Lack<'e>> {
        match external {
            External::Context(name) if self.is_missing(name) => Some(Lack::Context(name)),
            External::Layout(LayoutSource { name, digest: None }, _) if self.is_missing(name) => {
                Some(Lack::Layout(name))
            }
            External::Image(image, _) if self.doubts.contains_key(&span) => {
                Some(Lack::Stage(image.reference.familiar()))
            }
            _ => None,
        }
    }

    fn error(&self, lack: &Lack<'_>, span: Span) -> Diagnostic {
        let given = self.request.context_names();
        match lack {
            Lack::Context(name) => diagnostics::unknown_context(name, span, given),
            Lack::Layout(name) => diagnostics::unknown_layout(name, span, given),
            Lack::Stage(name) => {
                let candidate = self.doubts.get(&span).copied().unwrap_or_default();
                diagnostics::probably_a_stage(without_tag(name), candidate, span)
            }
        }
    }

    fn warning(&self, lack: &Lack<'_>, span: Span) -> Option<Diagnostic> {
        match lack {
            Lack::Context(name) | Lack::Layout(name) => {
                let candidate = closest(name, self.request.context_names())?;
                Some(diagnostics::perhaps_a_context(name, candidate, span))
            }
            Lack::Stage(name) => {
                let candidate = self.doubts.get(&span)?;
                Some(diagnostics::perhaps_a_stage(
                    without_tag(name),
                    candidate,
                    span,
                ))
            }
        }
    }

    /// Reports whether the client is known not to provide a context with a name.
    fn is_missing(&self, name: &str) -> bool {
        self.request.contexts.is_some() && !self.request.gives_context(name)
    }
}

/// Something that the client doesn't provide.
enum Lack<'a> {
    /// A named context.
    Context(&'a str),
    /// A layout without a known digest.
    Layout(&'a str),
    /// A name that then refers to an image, though it is similar to that of a stage.
    Stage(String),
}

/// Returns the name of an image as written, if it was written without a tag.
fn without_tag(image: &str) -> &str {
    image.strip_suffix(":latest").unwrap_or(image)
}

/// Iterates over the external sources of a stage, with their locations, and the uses of templates that lead there.
fn externals(stage: &Stage) -> impl Iterator<Item = (&External, Span, &[Span])> {
    let base = match &stage.base.value {
        Base::External(external) => Some((external.as_ref(), stage.base.span, [].as_slice())),
        Base::Scratch | Base::Stage(_) => None,
    };
    let steps = stage.all_steps().flat_map(|step| {
        let sources = step.action.sources();
        sources.filter_map(|source| match &source.value {
            Source::External(external) => Some((external, source.span, step.uses.as_slice())),
            _ => None,
        })
    });
    base.into_iter().chain(steps)
}

#[cfg(test)]
mod tests {
    use buildkit_llb::Platform;

    use crate::driver::check;

    use crate::plan::Request;
    use crate::source::Source;

    const FILE: &str = "
stages:
  tools: { from: { context: tools } }
  on-top: { from: tools }
  mistyped: { from: ap }
  app: { from: busybox }
";

    fn request(contexts: Option<&[&str]>) -> Request {
        let contexts = contexts.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        Request {
            contexts,
            ..Request::new(Platform::host())
        }
    }

    #[test]
    fn stages_that_lack_something_are_left_out_where_all_are_wanted() {
        for (contexts, expected) in [
            (Some([].as_slice()), ["app"].as_slice()),
            (Some(&["tools"]), &["tools", "on-top", "app"]),
            (
                Some(&["tools", "ap"]),
                &["tools", "on-top", "mistyped", "app"],
            ),
            // It isn't known yet.
            (None, &["tools", "on-top", "app"]),
        ] {
            let checked = check(&Source::new("Stagefile", FILE), &request(contexts));
            assert!(!checked.found.has_errors(), "{}", checked.report());
            let mut plan = checked.plan.unwrap();
            plan.want_all_given();
            let mut wanted = plan.order();
            wanted.sort();
            let names: Vec<&str> = wanted
                .iter()
                .map(|id| plan.stage(*id).name.as_str())
                .collect();
            assert_eq!(names, expected, "{contexts:?}");
        }
    }

    #[test]
    fn without_a_client_a_context_is_taken_to_be_given() {
        let request = Request {
            target: Some("on-top".to_owned()),
            ..request(None)
        };
        let checked = check(&Source::new("Stagefile", FILE), &request);
        assert!(!checked.found.has_errors(), "{}", checked.report());
    }
}
