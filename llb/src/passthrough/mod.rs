//! Depending on a file system without using its content.

mod fallback;

use thiserror::Error;

use crate::capability::{Capability, CapabilitySet};
use crate::constraints::{Constrain, Constraints};
use crate::encode::Encoder;
use crate::marshal::wire_index;
use crate::state::State;
use crate::vertex::{Operation, Output, OutputIndex, Vertex};

/// Passes file systems on unchanged, provided that others can be built too.
///
/// ```
/// use buildkit_llb::{Constrain, Exec, Passthrough, State};
///
/// let base = State::image("alpine:3.20")?;
/// let app = base.run(Exec::shell("make")).root();
/// let test = base.run(Exec::shell("make test")).root();
/// let checked = Passthrough::new("tests")
///     .forwarding(&app)
///     .requiring([&test])
///     .named("app, if its tests pass")
///     .into_state()?;
/// # let _ = checked;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a passthrough becomes a state by `into_state`"]
pub struct Passthrough {
    label: String,
    inputs: Vec<(State, Role)>,
    constraints: Constraints,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Forwarded,
    Required,
}

/// The reason why a passthrough is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PassthroughError {
    /// The label is empty.
    #[error("a passthrough needs a label")]
    NoLabel,
    /// A forwarded state is the empty file system, which has no result to pass on.
    #[error("the empty file system can't be passed on")]
    Scratch,
    /// No file system is forwarded.
    #[error("a passthrough needs a file system to pass on")]
    NoOutput,
}

/// A passthrough operation with at least one output.
#[derive(Debug)]
pub(crate) struct PassthroughOperation {
    label: String,
    pub(crate) inputs: Vec<Output>,
    /// The index of the input that each output passes on.
    outputs: Vec<i64>,
}

impl Passthrough {
    /// Creates a passthrough. Its label names the vertex, and is part of its identity.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            inputs: Vec::new(),
            constraints: Constraints::new(),
        }
    }

    /// Adds a file system that is passed on, as an output.
    pub fn forwarding(mut self, state: &State) -> Self {
        self.inputs.push((state.clone(), Role::Forwarded));
        self
    }

    /// Adds file systems that must be built before anything is passed on. Empty ones have no
    /// effect.
    pub fn requiring<'a>(mut self, states: impl IntoIterator<Item = &'a State>) -> Self {
        let required = states.into_iter().cloned();
        self.inputs
            .extend(required.map(|state| (state, Role::Required)));
        self
    }

    /// Returns the first forwarded file system. Without requirements, this is the original state,
    /// without a new vertex.
    pub fn into_state(self) -> Result<State, PassthroughError> {
        if let [(state, Role::Forwarded)] = &self.inputs[..] {
            return Ok(state.clone());
        }
        let states = self.into_states()?;
        states.into_iter().next().ok_or(PassthroughError::NoOutput)
    }

    /// Returns all forwarded file systems, each with its own settings.
    pub fn into_states(mut self) -> Result<Vec<State>, PassthroughError> {
        if self.label.is_empty() {
            return Err(PassthroughError::NoLabel);
        }
        let mut operation = PassthroughOperation {
            label: self.label,
            inputs: Vec::with_capacity(self.inputs.len()),
            outputs: Vec::new(),
        };
        let mut forwarded = Vec::new();
        let inputs = self.inputs.iter();
        for (state, role) in inputs {
            match (state.output(), role) {
                (None, Role::Required) => continue,
                (None, Role::Forwarded) => return Err(PassthroughError::Scratch),
                (Some(output), _) => operation.inputs.push(output.clone()),
            }
            if *role == Role::Forwarded {
                operation
                    .outputs
                    .push(wire_index(operation.inputs.len() - 1));
                forwarded.push(state);
            }
        }
        if forwarded.is_empty() {
            return Err(PassthroughError::NoOutput);
        }
        self.constraints
            .require(CapabilitySet::new().with(Capability::PassthroughOp));
        let vertex = Vertex::new(Operation::Passthrough(operation), self.constraints);
        let outputs = forwarded.into_iter().zip(0..).map(|(state, index)| {
            state.with_output(Some(Output {
                vertex: vertex.clone(),
                index: OutputIndex(index),
            }))
        });
        Ok(outputs.collect())
    }
}

impl Constrain for Passthrough {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

impl PassthroughOperation {
    /// Writes a `PassthroughOp`.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.text(1, &self.label);
        encoder.packed(2, self.outputs.iter().copied());
    }
}
