//! Building the definition that another build produced.

use thiserror::Error;

use crate::capability::{Capability, CapabilitySet};
use crate::constraints::{Constrain, Constraints};
use crate::encode::Encoder;
use crate::state::State;
use crate::vertex::{Operation, Output};

/// The input's name for the definition, and the default file name.
const DEFINITION: &str = "buildkit.llb.definition";

/// A build of the definition that is stored as a file in a state.
#[derive(Clone, Debug)]
#[must_use = "a build becomes a state by `into_state`"]
pub struct Build {
    state: State,
    filename: Option<String>,
    constraints: Constraints,
}

/// The error returned when a build has no input: the empty file system holds no definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the empty file system holds no definition that could be built")]
pub struct BuildError;

/// A build operation (`BuildOp`).
#[derive(Debug)]
pub(crate) struct BuildOperation {
    /// One input, except while the graph is dropped.
    pub(crate) inputs: Vec<Output>,
    filename: Option<String>,
}

impl Build {
    /// Creates a build of the definition in the file `buildkit.llb.definition` of a state.
    pub fn new(state: &State) -> Self {
        Self {
            state: state.clone(),
            filename: None,
            constraints: Constraints::new(),
        }
    }

    /// Sets the name of the file, if it isn't `buildkit.llb.definition`.
    pub fn filename(mut self, filename: impl Into<String>) -> Self {
        self.filename = Some(filename.into()).filter(|filename| !filename.is_empty());
        self
    }

    /// Returns the result of the definition, with the settings of the state that holds the file.
    pub fn into_state(mut self) -> Result<State, BuildError> {
        let input = self.state.output().cloned().ok_or(BuildError)?;
        let operation = BuildOperation {
            inputs: vec![input],
            filename: self.filename,
        };
        // Go always records this capability.
        self.constraints
            .require(CapabilitySet::new().with(Capability::SourceBuildOpLlbFileName));
        let output = Output::first(Operation::Build(operation), self.constraints);
        Ok(self.state.with_output(Some(output)))
    }
}

impl Constrain for Build {
    fn constraints_mut(&mut self) -> &mut Constraints {
        &mut self.constraints
    }
}

impl BuildOperation {
    /// Writes a `BuildOp`. Builder -1 builds LLB definitions.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.signed(1, -1);
        encoder.message(2, |encoder| {
            encoder.element(1, DEFINITION.as_bytes());
            // The first input: its index, 0, is the default.
            encoder.message(2, |_| {});
        });
        if let Some(filename) = &self.filename {
            encoder.entry(4, "llbbuild.filename", filename);
        }
    }
}
