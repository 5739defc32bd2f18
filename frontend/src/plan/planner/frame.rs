//! Where the planner is: whose names count, and which values they have.

use std::collections::BTreeMap;
use std::rc::Rc;

use cel::Value;

use super::Planner;
use crate::source::Span;

/// The values of a template's inputs.
pub(super) type Inputs = BTreeMap<String, Value>;
/// The variables of a matrix with their values in one combination.
pub(super) type Combination = Vec<(String, String)>;

/// A place of the program, and what led there.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    /// The file whose names count.
    pub module: usize,
    /// The stage that is planned; empty outside of stages.
    pub stage: Rc<str>,
    /// Its combination; empty if it has no matrix.
    pub combination: Rc<Combination>,
    /// The inputs of the template that is used.
    pub inputs: Option<Rc<Inputs>>,
    /// The places that use templates, the outermost first.
    pub uses: Rc<Vec<Span>>,
}

impl Planner<'_> {
    /// Goes to a place, and returns where the planner was.
    pub(super) fn enter(&mut self, frame: Frame) -> Frame {
        let scope = &mut self.scopes[frame.module];
        // Most ways lead from one place of a stage to another, where the names have the same values. What the scope of another
        // file has is not known.
        let here = (frame.module == self.frame.module).then_some(&self.frame);
        if !here.is_some_and(|here| Rc::ptr_eq(&here.stage, &frame.stage)) {
            scope.enter_stage(&frame.stage);
        }
        if !here.is_some_and(|here| Rc::ptr_eq(&here.combination, &frame.combination)) {
            scope.enter_matrix(&frame.combination);
        }
        let same_inputs = |here: &Frame| match (&here.inputs, &frame.inputs) {
            (Some(here), Some(there)) => Rc::ptr_eq(here, there),
            (None, None) => true,
            _ => false,
        };
        if !here.is_some_and(same_inputs) {
            scope.enter_template(frame.inputs.as_deref());
        }
        self.found.enter(&frame.uses);
        std::mem::replace(&mut self.frame, frame)
    }

    /// Does something at a place, and goes back.
    pub(super) fn within<T>(&mut self, frame: Frame, work: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.enter(frame);
        let result = work(self);
        self.enter(outer);
        result
    }
}
