//! What one file system has and another has not.

use crate::capability::{Capability, CapabilitySet};
use crate::constraints::{Constrain, Constraints};
use crate::state::State;
use crate::vertex::{Operation, Output};

/// Finds what has to be laid over one file system to get another, removals included.
#[derive(Clone, Debug)]
#[must_use = "a diff becomes a state by `into_state`"]
pub struct Diff {
    lower: State,
    upper: State,
    constraints: Constraints,
}

/// A difference; `None` is the empty file system.
#[derive(Debug)]
pub(crate) struct DiffOperation {
    pub(crate) lower: Option<Output>,
    pub(crate) upper: Option<Output>,
}

impl Diff {
    /// Compares `upper` with `lower`.
    pub fn new(lower: &State, upper: &State) -> Self {
        Self {
            lower: lower.clone(),
            upper: upper.clone(),
            constraints: Constraints::new(),
        }
    }

    /// Returns the difference with the settings of the lower state.
    ///
    /// If the lower state is empty, the difference is the upper state itself, and no vertex.
    pub fn into_state(mut self) -> State {
        if self.lower.is_scratch() {
            return self.upper;
        }
        let operation = DiffOperation {
            lower: self.lower.output().cloned(),
            upper: self.upper.output().cloned(),
        };
        self.constraints
            .require(CapabilitySet::new().with(Capability::DiffOp));
        let output = Output::first(Operation::Diff(operation), self.constraints);
        self.lower.with_output(Some(output))
    }
}

impl Constrain for Diff {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}
