//! Where the planner is: whose names count, and which values they have.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Planner;
use super::instances::Named;
use crate::expression::LocalNames;
use crate::plan::StageId;
use crate::source::Span;

/// A place of the program, and what led there.
#[derive(Clone, Debug, Default)]
pub(super) struct Frame {
    /// The file whose names count.
    pub module: usize,
    /// The names whose values differ from place to place.
    pub place: LocalNames,
    /// The template that is used, as the stage calls it; of templates of templates, the outermost.
    pub template: Option<Arc<str>>,
    /// The stage that is made of what is here.
    pub stage: Option<StageId>,
    /// The stages that the use of the template has for itself.
    pub private: Rc<BTreeMap<String, Named>>,
    /// The places that use templates, the outermost first.
    pub uses: Rc<Vec<Span>>,
}

impl Planner<'_> {
    /// Goes to a place, and returns where the planner was.
    pub(super) fn enter(&mut self, frame: Frame) -> Frame {
        self.scope_of(frame.module).enter(frame.place.clone());
        self.found.enter(&frame.uses);
        std::mem::replace(&mut self.frame, frame)
    }

    /// Works where these places use what is looked at; what is found points there too.
    pub(super) fn used_at(&mut self, uses: &[Span], work: impl FnOnce(&mut Self)) {
        self.found.enter(uses);
        work(self);
        self.found.enter(&self.frame.uses);
    }

    /// Does something at a place, and goes back.
    pub(super) fn within<T>(&mut self, frame: Frame, work: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.enter(frame);
        let result = work(self);
        self.enter(outer);
        result
    }
}
