//! The difference between two file systems.

use crate::capability::{Capability, CapabilitySet};
use crate::constraints::{Constrain, Constraints};
use crate::state::State;
use crate::vertex::{Operation, Output};

/// The changes, including removals, that turn one file system into another.
#[derive(Clone, Debug)]
#[must_use = "a diff becomes a state by `into_state`"]
pub struct Diff {
    lower: State,
    upper: State,
    constraints: Constraints,
}

/// A diff operation. `None` is the empty file system.
#[derive(Debug)]
pub(crate) struct DiffOperation {
    pub(crate) lower: Option<Output>,
    pub(crate) upper: Option<Output>,
}

impl Diff {
    /// Creates the difference between `lower` and `upper`.
    pub fn new(lower: &State, upper: &State) -> Self {
        Self {
            lower: lower.clone(),
            upper: upper.clone(),
            constraints: Constraints::new(),
        }
    }

    /// Returns the difference with the settings of the lower state.
    ///
    /// If the lower state is empty, this is the upper state itself, without a new vertex.
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
