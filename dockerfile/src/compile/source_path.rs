//! The paths that instructions take files from.

use buildkit_llb::State;

use super::Compilation;
use super::copy::has_wildcards;
use super::step::{CopyStep, From, MountStep, Step, StepKind};
use crate::lines::Lines;

/// A path that an instruction takes files from, as `COPY`, `ADD` and bind mounts of `RUN` do.
///
/// If the path doesn't exist, the daemon finds out only during the build, and its error names neither the source
/// nor similar paths.
#[derive(Clone, Debug)]
pub struct SourcePath {
    /// The full file system of the source.
    pub files: State,
    /// The source.
    pub from: SourceOrigin,
    /// The path from the root of the source, with variables expanded. It may be a pattern.
    pub path: String,
}

/// The source of files that an instruction takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceOrigin {
    /// The build context.
    Context,
    /// A stage of the file, by its name in progress output.
    Stage(String),
    /// An image, or a named context.
    Other(String),
}

/// A path of the build context that an instruction requires. Paths that are patterns may match nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContextPath<'a> {
    /// The path from the root of the context, with variables expanded.
    pub path: &'a str,
    /// The lines of the instruction.
    pub lines: Lines,
    /// The index of its stage in the file.
    pub stage: usize,
}

impl Compilation<'_> {
    /// Iterates over the paths of the build context that `COPY`, `ADD` and bind mounts use, after instructions
    /// are processed.
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
