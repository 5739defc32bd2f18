//! The nodes of a graph.

use std::sync::Arc;

use crate::build::BuildOperation;
use crate::constraints::Constraints;
use crate::diff::DiffOperation;
use crate::exec::ExecOperation;
use crate::few::UpToTwo;
use crate::file::FileOperation;
use crate::import::ImportedOperation;
use crate::merge::MergeOperation;
use crate::passthrough::PassthroughOperation;
use crate::platform::Platform;
use crate::source::SourceOperation;

/// One operation of a graph. Its identity is its address: two equal vertices are merged only when
/// they are marshalled.
#[derive(Debug)]
pub(crate) struct Vertex {
    pub(crate) operation: Operation,
    pub(crate) constraints: Constraints,
}

#[derive(Debug)]
pub(crate) enum Operation {
    Source(SourceOperation),
    Exec(ExecOperation),
    File(FileOperation),
    Merge(MergeOperation),
    Diff(DiffOperation),
    Passthrough(PassthroughOperation),
    Build(BuildOperation),
    Imported(Box<ImportedOperation>),
}

/// A step of a walk over a vertex's inputs.
pub(crate) enum Visit<'a> {
    /// An input.
    Input(&'a Output),
    /// No input, such as that of an empty mount.
    Nothing,
    /// The end of the walk.
    End,
}

/// One result of a vertex.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) vertex: Arc<Vertex>,
    pub(crate) index: OutputIndex,
}

/// The index of a result of a vertex.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OutputIndex(pub(crate) i64);

impl Vertex {
    pub(crate) fn new(operation: Operation, constraints: Constraints) -> Arc<Self> {
        Arc::new(Self {
            operation,
            constraints,
        })
    }

    /// Returns what a depth-first walk finds at this step. The order of a definition depends on the
    /// order of the steps.
    pub(crate) fn visit(&self, step: usize) -> Visit<'_> {
        let slot = match &self.operation {
            Operation::Source(_) => None,
            Operation::Exec(exec) => {
                return match exec.mounts.get(step) {
                    Some(mount) => mount.source.output().map_or(Visit::Nothing, Visit::Input),
                    None => Visit::End,
                };
            }
            Operation::Diff(diff) => {
                return match [&diff.lower, &diff.upper].get(step) {
                    Some(side) => side.as_ref().map_or(Visit::Nothing, Visit::Input),
                    None => Visit::End,
                };
            }
            Operation::File(file) => file.input(step),
            Operation::Merge(merge) => merge.inputs.get(step),
            Operation::Passthrough(passthrough) => passthrough.inputs.get(step),
            Operation::Build(build) => build.inputs.get(step),
            Operation::Imported(imported) => imported.inputs.get(step),
        };
        slot.map_or(Visit::End, Visit::Input)
    }

    /// Moves all inputs out of the vertex.
    fn take_inputs(&mut self, into: &mut Vec<Output>) {
        match &mut self.operation {
            Operation::Source(_) => {}
            Operation::Exec(exec) => into.extend(
                exec.mounts
                    .iter_mut()
                    .filter_map(|mount| mount.source.take_output()),
            ),
            Operation::File(file) => match std::mem::take(&mut file.inputs) {
                UpToTwo::None => {}
                UpToTwo::One(only) => into.push(only),
                UpToTwo::Two(both) => into.extend(both),
                UpToTwo::Many(mut all) => into.append(&mut all),
            },
            Operation::Merge(merge) => into.append(&mut merge.inputs),
            Operation::Diff(diff) => {
                into.extend(diff.lower.take().into_iter().chain(diff.upper.take()));
            }
            Operation::Passthrough(passthrough) => into.append(&mut passthrough.inputs),
            Operation::Build(build) => into.append(&mut build.inputs),
            Operation::Imported(imported) => into.append(&mut imported.inputs),
        }
    }
}

impl Output {
    /// Creates a vertex and returns its first result.
    pub(crate) fn first(operation: Operation, constraints: Constraints) -> Self {
        Self {
            vertex: Vertex::new(operation, constraints),
            index: OutputIndex::default(),
        }
    }

    /// Returns the platform of a state with this result, as it was given.
    pub(crate) fn platform(&self) -> Option<&Arc<Platform>> {
        match &self.vertex.operation {
            Operation::Source(_) | Operation::Exec(_) => self.vertex.constraints.platform.as_ref(),
            Operation::Imported(imported) => imported.platform.as_ref(),
            _ => None,
        }
    }

    /// Returns an identity that is the same for the same result of the same vertex object.
    pub(crate) fn identity(&self) -> (usize, OutputIndex) {
        (Arc::as_ptr(&self.vertex).addr(), self.index)
    }
}

/// Drops inputs that only this vertex holds without recursion: a chain of a million vertices must
/// not need a million stack frames.
impl Drop for Vertex {
    fn drop(&mut self) {
        let mut pending = Vec::new();
        self.take_inputs(&mut pending);
        while let Some(output) = pending.pop() {
            // Only the holder of the last reference gets the vertex.
            if let Some(mut vertex) = Arc::into_inner(output.vertex) {
                vertex.take_inputs(&mut pending);
            }
        }
    }
}
