//! Conversion of a program and a request to a plan: expressions are evaluated, names resolved, and values checked.
//!
//! Each module here evaluates a part of the file; [`checks`] look at the text or the plan as a whole, and [`written`] is the
//! data that a `write` step writes. The meaning of single scalars is in [`value`](crate::value).

mod assert;
mod checks;
mod draft;
mod external;
mod frame;
mod image;
mod imports;
mod index;
mod instances;
mod layers;
mod limits;
mod lint;
mod matrix;
mod names;
mod private;
mod remote;
mod settings;
mod stage;
mod step;
mod supervision;
mod target;
mod template;
mod values;
mod variables;
mod written;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::budget::Size;
use crate::diagnostic::{Diagnostics, SHOWN};
use crate::diagnostics;
use crate::expression::{Language, Scope, Text};
use crate::plan::{Action, Bases, Plan, Request, Settings, Source, Stage, StageId};
use crate::program::Program;
use crate::source::{Span, Spanned};
use crate::syntax::File;
use checks::Doubt;
use frame::Frame;
use index::Index;
use instances::{Instance, Named};

pub use assert::MAX_FACTS;
pub use imports::{APP, imports, is_project};
pub use instances::MAX_STAGES;
pub use layers::MAX_LAYERS;
pub use matrix::{MAX_COMBINATIONS, MAX_VARIABLES};
pub use names::{is_dotted, is_reserved, is_variable, is_word};
pub use step::MAX_STEPS;
pub use template::MAX_DEPTH as MAX_TEMPLATE_DEPTH;
pub use variables::DOCKERFILE_PLATFORMS;

/// Creates a plan; `None` if the file has no stages. If `found` has errors, the plan can be inspected, but not built.
pub fn plan(
    program: &Program,
    language: &Language,
    request: &Request,
    bases: &Bases,
    found: &mut Diagnostics,
) -> Option<Plan> {
    let mut planner = Planner::new(program, language, request, bases, found);
    let rules = planner.rules();
    planner.found.apply(rules.clone());
    planner.check_names();
    for index in 0..planner.file().stages.len() {
        planner.instantiate(0, index);
    }
    let own = planner.instances.len();
    // All of them may have an `if` that is false.
    let first = planner.file().stages.first();
    if let (0, Some((name, _)), false) = (own, first, planner.found.has_errors()) {
        planner.found.push(diagnostics::all_absent(name.span));
    }
    let default = planner.default_target(own);
    let target = default.and_then(|default| planner.target(default));
    let stages = planner.stages();
    planner.check_unused_templates(&stages);
    planner.check_constants();
    planner.check_defaults();
    let (Some(default), false) = (default, stages.is_empty()) else {
        // A file that is only for importing.
        return None;
    };
    planner.refuse_missing_reports(target.as_ref(), &stages);
    let lacking = planner.refuse_what_is_not_given(target.as_ref(), &stages);
    let (target, reported) = target?;
    let plan = Plan {
        stages,
        own,
        target,
        reported,
        default,
        names_default: program.main().file.target.is_some(),
        args: program.main().args.clone(),
        others: Vec::new(),
        lacking,
        rules,
        secrets: planner.secret_variables(),
        secret_files: planner.secret_files(),
    };
    // Something that can't be parsed may use it.
    if !planner.found.has_mistakes() {
        planner.check_unused(language);
    }
    planner.check_secret_arguments();
    planner.check_branches(&plan);
    planner.check_images(&plan);
    planner.check_shell_forms(&plan);
    for stage in &plan.stages {
        planner.refuse_outputs_of(stage, &plan.stages);
    }
    planner.refuse_cycles(&plan);
    Some(plan)
}

/// The state of planning.
struct Planner<'a> {
    program: &'a Program,
    request: &'a Request,
    language: &'a Language,
    /// The known configs of bases.
    bases: &'a Bases,
    /// Whether an expression uses them.
    uses_base: bool,
    /// The scope of every file for expressions; created on demand, like the following fields.
    scopes: Vec<Option<Box<Scope<'a>>>>,
    /// The position of the planner.
    frame: Frame,
    found: &'a mut Diagnostics,
    /// The definitions of every file, by name.
    indexes: Vec<Option<Rc<Index<'a>>>>,
    /// What the names of stages refer to, by file.
    names: HashMap<(usize, &'a str), Named>,
    /// The same for the names of combinations.
    exact: HashMap<(usize, String), StageId>,
    /// The files whose combinations are known.
    loaded: Vec<bool>,
    /// The stages so far; a [`StageId`] is an index.
    instances: Vec<Instance<'a>>,
    /// The defaults for the stages of every file.
    defaults: HashMap<usize, Settings>,
    /// The templates that have been used, by file and name.
    used_templates: HashSet<(usize, &'a str)>,
    /// Words that refer to an image, though they are similar to the name of a stage, by location.
    doubts: HashMap<Span, &'a str>,
    /// Possible mistakes in scripts, which depend on their images; by the location of the script.
    doubtful: HashMap<Span, Vec<Doubt>>,
    /// The number of steps in all stages so far.
    steps: usize,
    /// The number of assertions in all stages so far.
    facts: usize,
    /// Stages about which something isn't known: what they lack may be in there.
    open_stages: BTreeSet<StageId>,
    /// Whether there are too many stages, which is reported once.
    too_many_stages: bool,
}

impl<'a> Planner<'a> {
    fn new(
        program: &'a Program,
        language: &'a Language,
        request: &'a Request,
        bases: &'a Bases,
        found: &'a mut Diagnostics,
    ) -> Self {
        let modules = &program.modules;
        Self {
            program,
            request,
            language,
            bases,
            uses_base: language.mentions("base") || language.mentions("stage"),
            scopes: modules.iter().map(|_| None).collect(),
            frame: Frame::default(),
            found,
            indexes: vec![None; modules.len()],
            names: HashMap::new(),
            exact: HashMap::new(),
            loaded: vec![false; modules.len()],
            instances: Vec::new(),
            defaults: HashMap::new(),
            used_templates: HashSet::new(),
            doubts: HashMap::new(),
            doubtful: HashMap::new(),
            steps: 0,
            open_stages: BTreeSet::new(),
            too_many_stages: false,
            facts: 0,
        }
    }

    /// Returns the position of a file's top level.
    fn top_of(&self, module: usize) -> Frame {
        Frame {
            module,
            uses: self.program.modules[module].uses.clone(),
            ..Frame::default()
        }
    }

    /// Returns the file whose names are visible.
    fn file(&self) -> &'a File {
        let program = self.program;
        &program.modules[self.frame.module].file
    }

    /// Returns the definitions of a file, by name.
    fn index(&mut self, module: usize) -> Rc<Index<'a>> {
        let program = self.program;
        let index = self.indexes[module]
            .get_or_insert_with(|| Rc::new(Index::new(&program.modules[module].file)));
        Rc::clone(index)
    }

    /// Returns the scope of a file for expressions.
    fn scope_of(&mut self, module: usize) -> &mut Scope<'a> {
        let (program, language, request) = (self.program, self.language, self.request);
        self.scopes[module]
            .get_or_insert_with(|| Box::new(program.scope(module, language, request)))
    }

    /// Evaluates something in the file whose names are visible.
    fn evaluating<T>(&mut self, evaluate: impl FnOnce(&Scope<'a>, &mut Diagnostics) -> T) -> T {
        let (program, language, request) = (self.program, self.language, self.request);
        let module = self.frame.module;
        let scope = self.scopes[module]
            .get_or_insert_with(|| Box::new(program.scope(module, language, request)));
        evaluate(scope, self.found)
    }

    /// Takes the size of a copy from the budget; returns `false` if it may not be made.
    fn take(&mut self, size: impl FnOnce() -> Size, span: Span) -> bool {
        let budget = self.language.budget();
        budget.take_counted(size, span, self.found)
    }

    /// Reports whether nothing more may be copied.
    fn is_spent(&self) -> bool {
        self.language.budget().is_spent()
    }

    fn stage_names(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.file()
            .stages
            .iter()
            .map(|(name, _)| name.value.as_str())
    }

    fn text(&mut self, text: &Text) -> Option<Spanned<String>> {
        self.evaluating(|scope, found| scope.evaluate(text, found))
    }

    fn texts(&mut self, texts: &[Text]) -> Vec<Spanned<String>> {
        let spliced;
        let mut texts = texts;
        // Only an expression can be a list.
        if texts.iter().any(|text| text.single_expression().is_some()) {
            spliced = self.splice(texts);
            texts = &spliced;
        }
        texts.iter().filter_map(|text| self.text(text)).collect()
    }

    /// Evaluates an optional text.
    fn optional(&mut self, text: Option<&Text>) -> Option<Spanned<String>> {
        text.and_then(|text| self.text(text))
    }

    fn string(&mut self, text: Option<&Text>) -> Option<String> {
        self.optional(text).map(|text| text.value)
    }

    /// Reports outputs that a stage uses and that don't exist, which is known after all stages are planned.
    fn refuse_outputs_of(&mut self, user: &Stage, stages: &[Stage]) {
        for source in user.actions().flat_map(Action::sources) {
            if let Source::Output(id, output) = &source.value
                && let Some(stage) = stages.get(id.index())
                && stage.output(output).is_none()
                && !self.open_stages.contains(id)
            {
                let error = if stage.reports.iter().any(|report| report.name == *output) {
                    diagnostics::report_as_output(&stage.name, output, source.span)
                } else {
                    let names = stage.outputs.names();
                    diagnostics::unknown_output(&stage.name, output, source.span, names)
                };
                self.found.push(error);
            }
        }
    }

    /// Reports stages that depend on each other in a cycle, each once.
    fn refuse_cycles(&mut self, plan: &Plan) {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut cycles = 0;
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
                    // Further cycles through these stages are the same mistake.
                    State::Open if cycles >= SHOWN => {}
                    State::Open => {
                        cycles += 1;
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
