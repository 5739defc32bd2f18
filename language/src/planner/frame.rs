//! The planner's current position, which determines the names and their values.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Planner;
use super::instances::Named;
use crate::expression::LocalNames;
use crate::plan::StageId;
use crate::source::Span;

/// A position in the program, and how it was reached.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    /// The file whose names are visible.
    pub module: usize,
    /// The names whose values depend on the position.
    pub place: LocalNames,
    /// The current template, by its name in the stage; of nested templates, the outermost.
    pub template: Option<Arc<str>>,
    /// The stage that is created from what is here.
    pub stage: Option<StageId>,
    /// The private stages of the template's use.
    pub private: Rc<BTreeMap<String, Named>>,
    /// The uses of templates, the outermost first.
    pub uses: Rc<Vec<Span>>,
}

impl Planner<'_> {
    /// Moves to a position, and returns the previous one.
    pub(super) fn enter(&mut self, frame: Frame) -> Frame {
        self.scope_of(frame.module).enter(frame.place.clone());
        self.found.enter(&frame.uses);
        std::mem::replace(&mut self.frame, frame)
    }

    /// Calls a function with these template uses; diagnostics that it adds refer to them, too.
    pub(super) fn used_at(&mut self, uses: &[Span], work: impl FnOnce(&mut Self)) {
        self.found.enter(uses);
        work(self);
        self.found.enter(&self.frame.uses);
    }

    /// Calls a function at a position, and returns to the previous one.
    pub(super) fn within<T>(&mut self, frame: Frame, work: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.enter(frame);
        let result = work(self);
        self.enter(outer);
        result
    }
}
