//! Templates that nothing uses are planned with unknown inputs, so that the names in them are checked. The result is
//! discarded, and only mistakes that don't depend on their use are reported.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::diagnostic::Severity;
use crate::expression::{self, LocalNames};
use crate::plan::{Base, Settings, Stage};
use crate::planner::Planner;
use crate::planner::draft::Draft;
use crate::planner::frame::Frame;
use crate::planner::instances::Part;
use crate::program::STD;
use crate::source::{Span, Spanned};
use crate::syntax::{Body, Name, Template};

/// Mistakes that depend on the stage that uses a template.
const OF_ITS_USE: [&str; 2] = ["absent-stage", "ambiguous-stage"];

impl<'a> Planner<'a> {
    /// Reports mistakes in templates of all files that nothing has used so far.
    pub(in crate::planner) fn check_unused_templates(&mut self, stages: &[Stage]) {
        let program = self.program;
        for (index, module) in program.modules.iter().enumerate() {
            if module.name == STD {
                continue;
            }
            for (name, template) in &module.file.templates {
                if !self.used_templates.contains(&(index, name.value.as_str())) {
                    self.check_unused_template(index, name, template, stages);
                }
            }
        }
    }

    fn check_unused_template(
        &mut self,
        module: usize,
        name: &'a Name,
        template: &'a Template,
        stages: &[Stage],
    ) {
        let inputs = template.inputs.iter();
        let open: BTreeSet<String> = inputs.map(|(input, _)| input.value.clone()).collect();
        let mut frame = self.top_of(module);
        frame.place = LocalNames {
            inputs: Some(Rc::default()),
            open: Rc::new(open),
            base: expression::Base::Unknown,
            user: expression::User::Unknown,
            anywhere: true,
            ..LocalNames::default()
        };
        let outer = std::mem::take(self.found);
        let known = self.instances.len();
        self.private_stages(template, &mut frame);
        let stage = self.within(frame.clone(), |planner| {
            planner.stage_of_template(name, template, frame)
        });
        self.refuse_outputs_of(&stage, stages);
        let made = known..self.instances.len();
        let made: Vec<_> = made.map(|id| self.unused_stage(id)).collect();
        for private in &made {
            self.refuse_outputs_of(private, stages);
        }
        let found = std::mem::replace(self.found, outer);
        let certain = found
            .into_found()
            .into_iter()
            .filter(|one| one.severity == Severity::Error && !OF_ITS_USE.contains(&one.code.name));
        certain.for_each(|one| self.found.push(one));
        for stage in made.iter().chain([&stage]) {
            self.warn_of_what_is_not_given(stage);
        }
    }

    /// Plans a stage that consists only of the template.
    fn stage_of_template(&mut self, name: &Name, template: &'a Template, frame: Frame) -> Stage {
        match &template.body {
            Body::Steps(steps) => {
                let mut draft = self.nothing(&name.value, name.span);
                draft.stage.steps = self.steps(steps, &mut draft);
                draft.stage
            }
            Body::Stage(written) => {
                let mut parts = Vec::new();
                self.parts(written, frame, &mut parts);
                self.stage_of_parts(&name.value, name.span, parts)
            }
        }
    }

    /// Plans a private stage of an unused template.
    fn unused_stage(&mut self, id: usize) -> Stage {
        let one = &self.instances[id];
        let (name, span, parts) = (one.name.clone(), one.span, one.parts.clone());
        self.stage_of_parts(&name, span, parts)
    }

    fn stage_of_parts(&mut self, name: &str, span: Span, parts: Vec<Part<'a>>) -> Stage {
        let mut draft = self.nothing(name, span);
        for part in parts {
            self.within(part.frame, |planner| {
                draft.stage.base = planner.base_of(part.stage, span);
                planner.set_options(part.stage, &mut draft.stage);
                planner.part(part.stage, &mut draft);
            });
        }
        draft.stage
    }

    fn nothing(&self, name: &str, span: Span) -> Draft {
        let base = Spanned::new(Base::Scratch, span);
        let platform = self.request.platforms.target.clone();
        Draft::new(Stage::new(name, base, platform, Settings::default()))
    }
}
