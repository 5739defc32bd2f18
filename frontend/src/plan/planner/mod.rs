//! A typed file and a request, made into a plan.

mod image;
mod names;
mod settings;
mod stage;
mod step;
mod values;

use std::collections::HashMap;

use super::{Arg, Plan, Request, StageId};
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::expression::{Language, Scope, Text};
use crate::source::{Sources, Span, Spanned};
use crate::syntax::File;

/// Makes a plan; `None` if the file has no stages to make one of. Errors may stand in `found` beside a plan: it is then
/// good for looking at, not for building.
pub fn plan(
    file: &File,
    sources: &Sources,
    language: &Language,
    request: &Request,
    found: &mut Diagnostics,
) -> Option<Plan> {
    if file.stages.is_empty() {
        return None;
    }
    let args = arguments(file, sources, language, request, found);
    let target = request.target.clone().unwrap_or_default();
    let values = args.iter().map(|arg| (arg.name.clone(), arg.value.clone()));
    let scope = Scope::new(sources, language, values, &request.platforms, &target);
    let mut planner = Planner {
        file,
        request,
        scope,
        found,
        stages: HashMap::new(),
    };
    planner.name_stages();
    planner.check_names();
    let stages = planner.stages();
    let default = planner.default_target();
    let target = planner.target(default);
    let plan = Plan {
        stages,
        target: target?,
        default,
        args,
    };
    planner.refuse_cycles(&plan);
    Some(plan)
}

/// What planning needs at every place.
struct Planner<'a> {
    file: &'a File,
    request: &'a Request,
    scope: Scope<'a>,
    found: &'a mut Diagnostics,
    stages: HashMap<&'a str, StageId>,
}

impl<'a> Planner<'a> {
    fn name_stages(&mut self) {
        let named = self.file.stages.iter().enumerate();
        // Of two stages of one name the first counts; the second is reported as a key that is written twice.
        for (index, (name, _)) in named.rev() {
            self.stages.insert(&name.value, StageId(index));
        }
    }

    fn stage_names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.file.stages.iter().map(|(name, _)| name.value.as_str())
    }

    fn text(&mut self, text: &Text) -> Option<Spanned<String>> {
        self.scope.evaluate(text, self.found)
    }

    fn texts(&mut self, texts: &[Text]) -> Vec<Spanned<String>> {
        texts.iter().filter_map(|text| self.text(text)).collect()
    }

    /// Evaluates what may be left out.
    fn optional(&mut self, text: Option<&Text>) -> Option<Spanned<String>> {
        text.and_then(|text| self.text(text))
    }

    fn string(&mut self, text: Option<&Text>) -> Option<String> {
        self.optional(text).map(|text| text.value)
    }

    /// Finds the stage that is built when the client names none: the file's, or the last one.
    fn default_target(&mut self) -> StageId {
        let last = StageId(self.file.stages.len() - 1);
        let named = self.optional(self.file.target.as_ref());
        named
            .and_then(|name| self.stage_named(&name))
            .unwrap_or(last)
    }

    /// Finds the stage that is to be built.
    fn target(&mut self, default: StageId) -> Option<StageId> {
        let Some(name) = &self.request.target else {
            return Some(default);
        };
        // Docker's own frontend takes names of stages in any case.
        let found = self.stages.get(name.as_str()).copied().or_else(|| {
            let same = |other: &str| other.eq_ignore_ascii_case(name);
            self.file
                .stages
                .iter()
                .position(|(other, _)| same(&other.value))
                .map(StageId)
        });
        if found.is_none() {
            let first = self.file.stages.first();
            let span = first.map_or_else(Span::default, |(name, _)| name.span);
            self.found
                .push(diagnostics::unknown_target(name, span, self.stage_names()));
        }
        found
    }

    /// Reports stages that wait for one another, each cycle once.
    fn refuse_cycles(&mut self, plan: &Plan) {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut states = vec![State::New; plan.stages.len()];
        for start in 0..plan.stages.len() {
            let mut path: Vec<(StageId, Vec<(StageId, Span)>)> = Vec::new();
            let mut next = Some(StageId(start)).filter(|id| states[id.0] == State::New);
            loop {
                if let Some(id) = next.take() {
                    states[id.0] = State::Open;
                    path.push((id, plan.stage(id).needs().collect()));
                }
                let Some((id, needs)) = path.last_mut() else {
                    break;
                };
                let Some((needed, span)) = needs.pop() else {
                    states[id.0] = State::Done;
                    path.pop();
                    continue;
                };
                match states[needed.0] {
                    State::New => next = Some(needed),
                    State::Done => {}
                    State::Open => {
                        let from = path
                            .iter()
                            .position(|(id, _)| *id == needed)
                            .unwrap_or_default();
                        let ids = path[from..].iter().map(|(id, _)| *id).chain([needed]);
                        let names: Vec<&str> = ids.map(|id| plan.stage(id).name.as_str()).collect();
                        self.found.push(diagnostics::stage_cycle(&names, span));
                    }
                }
            }
        }
    }
}

