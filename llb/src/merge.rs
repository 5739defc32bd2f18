//! Merging file systems.

use crate::capability::{Capability, CapabilitySet};
use crate::constraints::{Constrain, Constraints};
use crate::state::State;
use crate::vertex::{Operation, Output};

/// A merge of file systems, stacked with the first one at the bottom.
///
/// ```
/// use buildkit_llb::{Constrain, Merge, State};
///
/// let parts = [State::image("alpine:3.20")?, State::local("overlay")];
/// let merged = Merge::new(&parts).named("put the overlay on").into_state();
/// # let _ = merged;
/// # Ok::<(), buildkit_llb::ReferenceError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a merge becomes a state by `into_state`"]
pub struct Merge {
    states: Vec<State>,
    constraints: Constraints,
}

/// A merge operation of at least two file systems, none of them empty.
#[derive(Debug)]
pub(crate) struct MergeOperation {
    pub(crate) inputs: Vec<Output>,
}

impl Merge {
    /// Creates a merge of these states.
    pub fn new<'a>(states: impl IntoIterator<Item = &'a State>) -> Self {
        let states = states.into_iter().filter(|state| !state.is_scratch());
        Self {
            states: states.cloned().collect(),
            constraints: Constraints::new(),
        }
    }

    /// Returns the merged file system, with the settings of the first state.
    ///
    /// Empty file systems are left out. If only one remains, it is returned without a new vertex.
    pub fn into_state(mut self) -> State {
        let Some(first) = self.states.first() else {
            return State::scratch();
        };
        if self.states.len() == 1 {
            return first.clone();
        }
        let inputs = self
            .states
            .iter()
            .filter_map(|state| state.output().cloned());
        let operation = MergeOperation {
            inputs: inputs.collect(),
        };
        self.constraints
            .require(CapabilitySet::new().with(Capability::MergeOp));
        let output = Output::first(Operation::Merge(operation), self.constraints);
        first.with_output(Some(output))
    }
}

impl Constrain for Merge {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}
