//! What instructions take from elsewhere.

use buildkit_llb::State;

use super::Conversion;
use super::copy::has_wildcards;
use super::step::{CopyStep, From, MountStep, Step, StepKind};
use crate::lines::Lines;

/// A path that an instruction takes files from, as `COPY`, `ADD` and binds of `RUN` do.
///
/// The daemon finds out while it builds that one isn't there, and says neither of what nor what is there instead.
#[derive(Clone, Debug)]
pub struct Taken {
    /// All the files of where it is.
    pub files: State,
    /// Where it is.
    pub from: TakenFrom,
    /// The path from their root, after variables were replaced. It may be a pattern.
    pub path: String,
}

/// Where an instruction takes files from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenFrom {
    /// The build context.
    Context,
    /// A stage of the file, by its name in progress.
    Stage(String),
    /// An image, or a context that the client has named.
    Other(String),
}

/// A path of the build context that has to be there for an instruction: what matches a pattern may be nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContextPath<'a> {
    /// The path from the root of the context, after variables were replaced.
    pub path: &'a str,
    /// Where the instruction is.
    pub lines: Lines,
    /// The number of its stage in the file.
    pub stage: usize,
}

impl Conversion<'_> {
    /// Lists the paths of the build context that `COPY`, `ADD` and binds take, once instructions are read.
    pub fn paths_of_context(&self) -> impl Iterator<Item = ContextPath<'_>> {
        let stages = self.stages.iter().take(self.file.stages.len());
        stages.enumerate().flat_map(|(stage, state)| {
            state.steps.iter().flat_map(move |step| {
                step.paths_of_context().map(move |path| ContextPath {
                    path,
                    lines: step.lines,
                    stage,
                })
            })
        })
    }
}

impl Step {
    fn paths_of_context(&self) -> impl Iterator<Item = &str> {
        let (copies, mounts): (&[CopyStep], &[MountStep]) = match &self.kind {
            StepKind::Copy(copies, ..) => (copies, &[]),
            StepKind::Run(_, _, mounts) => (&[], mounts),
            StepKind::Mkdir(_) => (&[], &[]),
        };
        let copied = copies.iter().filter_map(CopyStep::path_of_context);
        copied.chain(mounts.iter().filter_map(MountStep::path_of_context))
    }
}

impl CopyStep {
    fn path_of_context(&self) -> Option<&str> {
        if !self.options.of_files || !matches!(self.from, From::Context) {
            return None;
        }
        if self.options.include.is_empty() {
            return Some(&*self.source).filter(|path| !has_wildcards(path));
        }
        self.options.required.first().map(String::as_str)
    }
}

impl MountStep {
    fn path_of_context(&self) -> Option<&str> {
        match self {
            Self::Bind {
                from: From::Context,
                selector,
                ..
            } => selector.as_deref(),
            _ => None,
        }
    }
}
