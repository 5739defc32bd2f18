//! The stages of a plan: one for each stage of a file, or one for each combination of its matrix.

use std::rc::Rc;

use super::Planner;
use super::frame::Frame;
use super::imports::project_name;
use super::matrix::MAX_VARIABLES;
use crate::budget::Size;
use crate::diagnostics;
use crate::expression::{Combination, Text};
use crate::plan::StageId;
use crate::source::{Span, Spanned};
use crate::syntax::{self, Body, TemplateUse};

/// The maximum number of dots in a name that are tried as the separator between a stage and its output: trying all of them in
/// a long string takes quadratic time.
const DOTS: usize = 2 * MAX_VARIABLES;
/// The maximum number of stages, counting each combination.
pub const MAX_STAGES: usize = 16_384;

/// A stage that will be planned.
#[derive(Debug)]
pub(super) struct Instance<'a> {
    /// The file that defines it.
    pub module: usize,
    /// Its name in the user's file.
    pub name: String,
    /// The location of its name.
    pub span: Span,
    /// The stage that it belongs to, if it is a private stage of a template's use.
    pub user: Option<StageId>,
    /// Whether it is a private stage of a template.
    pub is_private: bool,
    /// Its combination; empty if it has no matrix.
    pub combination: Rc<Combination>,
    /// Its parts: the stages of the templates that it is based on, the innermost first, and its own.
    pub parts: Vec<Part<'a>>,
}

/// A part of a stage that is written in one place.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// The text.
    pub stage: &'a syntax::Stage,
    /// The position.
    pub frame: Frame,
}

/// What the name of a stage refers to.
#[derive(Clone, Debug)]
pub(super) enum Named {
    /// A stage, or all combinations of one.
    Stages(Vec<StageId>),
    /// Nothing, since its `if` is false.
    Absent(Span),
}

impl<'a> Planner<'a> {
    /// Creates the stages for a stage in a file, unless that was done already.
    pub(super) fn instantiate(&mut self, module: usize, index: usize) -> Named {
        let file = &self.program.modules[module].file;
        let (name, stage) = &file.stages[index];
        if let Some(known) = self.names.get(&(module, name.value.as_str())) {
            return known.clone();
        }
        let mut top = self.top_of(module);
        top.place.stage = name.value.as_str().into();
        let combinations = match &stage.matrix {
            Some(matrix) => self.within(top.clone(), |planner| {
                planner.combinations(matrix, name.span)
            }),
            None => vec![Combination::new()],
        };
        let mut ids = Vec::new();
        let mut condition = None;
        for combination in combinations {
            if !self.has_room(name.span) {
                break;
            }
            let own_name = name_of(&name.value, &combination);
            let display = match self.program.modules[module].name.as_str() {
                "" => own_name.clone(),
                module => format!("{module}.{own_name}"),
            };
            let mut frame = top.clone();
            frame.place.combination = Rc::new(combination);
            if display != *top.place.stage {
                frame.place.stage = display.as_str().into();
            }
            if let Some(text) = &stage.condition {
                condition = Some(text.span());
                if !self.within(frame.clone(), |planner| planner.condition(text)) {
                    continue;
                }
            }
            let id = StageId(self.instances.len());
            if let Some(first) = self.exact.insert((module, own_name), id) {
                let first = &self.instances[first.0];
                let (first_name, first_span) = (first.name.clone(), first.span);
                self.found.push(diagnostics::same_combination(
                    &first_name,
                    name.span,
                    first_span,
                ));
            }
            // It counts from here on, since a template may refer to it.
            self.instances.push(Instance {
                module,
                name: display,
                span: name.span,
                user: None,
                is_private: false,
                combination: frame.place.combination.clone(),
                parts: Vec::new(),
            });
            ids.push(id);
            frame.stage = Some(id);
            let mut parts = Vec::new();
            self.parts(stage, frame, &mut parts);
            self.instances[id.0].parts = parts;
        }
        let named = match condition {
            Some(condition) if ids.is_empty() => Named::Absent(condition),
            _ => Named::Stages(ids),
        };
        self.names
            .insert((module, name.value.as_str()), named.clone());
        named
    }

    /// Reports whether another stage may be added.
    pub(super) fn has_room(&mut self, span: Span) -> bool {
        let has_room = self.instances.len() < MAX_STAGES;
        if !has_room && !std::mem::replace(&mut self.too_many_stages, true) {
            self.found
                .push(diagnostics::too_many_stages(span, MAX_STAGES));
        }
        has_room
    }

    /// Collects the parts of a stage, without recursion for nested templates: each is one iteration.
    pub(super) fn parts(
        &mut self,
        stage: &'a syntax::Stage,
        frame: Frame,
        parts: &mut Vec<Part<'a>>,
    ) {
        let mut next = Some(Part { stage, frame });
        while let Some(part) = next.take() {
            let used = part.stage.template.as_ref();
            if let Some(project) = used.and_then(|used| self.project_stage(used, &part.frame)) {
                next = Some(project);
            } else if let Some(used) = used {
                let found = self.within(part.frame.clone(), |planner| planner.template(used));
                if let Some((template, frame)) = found {
                    match &template.body {
                        Body::Stage(stage) => next = Some(Part { stage, frame }),
                        Body::Steps(_) => {
                            let span = used.template.span();
                            self.found.push(diagnostics::not_a_stage_template(span));
                        }
                    }
                }
            }
            parts.push(part);
        }
        parts.reverse();
    }

    /// Finds the stage that a manifest provides, if a stage is based on it.
    fn project_stage(&self, used: &TemplateUse, frame: &Frame) -> Option<Part<'a>> {
        let program = self.program;
        let imports = &program.modules[frame.module].imports;
        let module = *imports.get(&project_name(used))?;
        let file = &program.modules[module].file;
        let target = file.target.as_ref().and_then(Text::constant);
        let target = target.and_then(|target| {
            let mut stages = file.stages.iter();
            stages.find(|(name, _)| name.value == target)
        });
        let (_, stage) = target.or(file.stages.last())?;
        let frame = Frame {
            stage: frame.stage,
            template: used.template.constant().map(Into::into),
            ..self.top_of(module)
        };
        Some(Part { stage, frame })
    }

    /// Reports whether a condition holds. One that can't be evaluated does, so that what it guards is checked.
    pub(super) fn condition(&mut self, text: &crate::expression::Text) -> bool {
        self.evaluating(|scope, found| scope.evaluate_condition(text, found))
            .unwrap_or(true)
    }

    /// Reports whether the condition of a step holds. If a value in it is unknown, the step is left out: otherwise, there
    /// might be two of which only one will exist. In an unused template, all steps are checked.
    pub(super) fn step_condition(&mut self, text: &crate::expression::Text) -> bool {
        let open = self.open();
        let holds = self.condition(text);
        holds && (self.open() == open || self.frame.place.anywhere)
    }

    /// Finds the stages that a word refers to, and the output after a dot; `None` if it doesn't name a stage.
    ///
    /// The name of a combination may contain dots, so the longest name counts.
    ///
    /// Inside a template, the private stages of its use take precedence.
    pub(super) fn visible(&mut self, word: &str) -> Option<(Named, Option<String>)> {
        let (name, rest) = match word.split_once('.') {
            Some((name, rest)) => (name, Some(rest.to_owned())),
            None => (word, None),
        };
        if let Some(named) = self.frame.private.get(name) {
            return Some((named.clone(), rest));
        }
        self.stages_of(self.frame.module, word)
    }

    /// Finds the same for names in a file outside of templates.
    pub(super) fn stages_of(
        &mut self,
        module: usize,
        word: &str,
    ) -> Option<(Named, Option<String>)> {
        let ends = word.rmatch_indices('.').map(|(at, _)| at).take(DOTS);
        for end in std::iter::once(word.len()).chain(ends) {
            let (name, rest) = (&word[..end], word.get(end + 1..).map(str::to_owned));
            if let Some(id) = self.exact.get(&(module, name.to_owned())) {
                return Some((Named::Stages(vec![*id]), rest));
            }
            if let Some(index) = self.index(module).stages.get(name).copied() {
                if self
                    .names
                    .contains_key(&(module, self.name_in(module, index)))
                {
                    return Some((self.instantiate(module, index), rest));
                }
                // This also creates the private stages of its templates, one of which may be meant.
                self.instantiate(module, index);
                return self.stages_of(module, word);
            }
        }
        let (import, rest) = word.split_once('.')?;
        let imported = *self.program.modules[module].imports.get(import)?;
        self.load(imported);
        self.stages_of(imported, rest)
    }

    fn name_in(&self, module: usize, index: usize) -> &'a str {
        &self.program.modules[module].file.stages[index].0.value
    }

    /// Creates all stages with a matrix in an imported file, whose names aren't known otherwise.
    fn load(&mut self, module: usize) {
        if std::mem::replace(&mut self.loaded[module], true) {
            return;
        }
        let stages = &self.program.modules[module].file.stages;
        for (index, (_, stage)) in stages.iter().enumerate() {
            if stage.matrix.is_some() {
                self.instantiate(module, index);
            }
        }
    }

    /// Returns the combinations of a stage that agree with the one being planned.
    ///
    /// Each is checked, so they count; `None` if the budget is exceeded.
    pub(super) fn agreeing(&mut self, ids: &[StageId], span: Span) -> Option<Vec<StageId>> {
        let size = Size {
            values: 0,
            bytes: size_of_val(ids),
        };
        if !self.take(|| size, span) {
            return None;
        }
        let own = &self.frame.place.combination;
        let agrees = |id: &&StageId| {
            self.instances[id.0]
                .combination
                .iter()
                .all(|(name, value)| {
                    own.iter()
                        .all(|(other, mine)| other != name || mine == value)
                })
        };
        Some(ids.iter().filter(agrees).copied().collect())
    }

    /// Finds the single stage that a name refers to here.
    pub(super) fn one_of(&mut self, named: Named, word: &Spanned<String>) -> Option<StageId> {
        let ids = match named {
            Named::Stages(ids) => ids,
            Named::Absent(condition) => {
                self.found
                    .push(diagnostics::absent_stage(&word.value, word.span, condition));
                return None;
            }
        };
        match self.agreeing(&ids, word.span)?.as_slice() {
            [id] => Some(*id),
            // The matrix has a mistake, or an unknown value.
            _ if ids.is_empty() => None,
            agreeing => {
                let listed = if agreeing.is_empty() { &ids } else { agreeing };
                let names: Vec<&str> = listed
                    .iter()
                    .map(|id| self.instances[id.0].name.as_str())
                    .collect();
                let error = diagnostics::several_combinations(
                    &word.value,
                    word.span,
                    &names,
                    agreeing.is_empty(),
                );
                self.found.push(error);
                None
            }
        }
    }
}

/// Returns the name of a combination of a stage; invalid characters are replaced by hyphens.
fn name_of(stage: &str, combination: &[(String, String)]) -> String {
    let keep = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.') {
            letter
        } else {
            '-'
        }
    };
    combination
        .iter()
        .fold(stage.to_owned(), |name, (_, value)| {
            let value: String = value.chars().map(keep).collect();
            format!("{name}-{value}")
        })
}
