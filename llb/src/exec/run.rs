//! Results of a process.

use std::sync::Arc;

use thiserror::Error;

use super::mount::MountKind;
use super::operation::ROOT;
use super::{Exec, ExecOperation, Mount};
use crate::state::State;
use crate::vertex::{Operation, Output, Vertex};

/// The results of a process: the root file system, and what it wrote to its mounts.
#[derive(Clone, Debug)]
pub struct Run {
    vertex: Arc<Vertex>,
    root: State,
}

/// The reason why a mount has no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OutputError {
    /// Nothing is mounted at the path.
    #[error("the process has no mount at `{path}`")]
    NoMount {
        /// The path that was asked for.
        path: String,
    },
    /// The mount is a tmpfs, whose content is gone when the process ends.
    #[error("the mount at `{path}` is in memory, so it has no result")]
    Tmpfs {
        /// The path of the mount.
        path: String,
    },
    /// The mount is a cache, whose content is not part of any result. Copy what is needed to
    /// another mount.
    #[error("the mount at `{path}` is a cache, so it has no result")]
    Cache {
        /// The path of the mount.
        path: String,
    },
    /// The mount was made without an output.
    #[error("the mount at `{path}` was made without an output")]
    Dropped {
        /// The path of the mount.
        path: String,
    },
}

impl Run {
    /// Runs `exec` on `state`.
    pub(crate) fn new(state: &State, exec: Exec) -> Self {
        let keep_settings = exec.keep_settings;
        let (operation, constraints) = ExecOperation::bind(exec, state);
        let settings = operation.settings.clone();
        let vertex = Vertex::new(Operation::Exec(operation), constraints);
        let mut run = Self {
            vertex,
            root: state.clone(),
        };
        let root = match run.find(ROOT) {
            Some(mount) if !mount.readonly => run.output_of(mount),
            _ => state.output().cloned(),
        };
        run.root = if keep_settings {
            state.with_settings(settings).with_output(root)
        } else {
            state.with_output(root)
        };
        run
    }

    /// Returns the root file system after the process, with the settings of the state before it, or
    /// with those of the process if it [keeps them](Exec::keep_settings).
    pub fn root(&self) -> State {
        self.root.clone()
    }

    /// Returns the content of a mount after the process. For a read-only mount, this is its
    /// original content.
    ///
    /// The state has the settings of the mount's source, as with Go's `AddMount`. If several mounts
    /// have the same path, the first one given is used.
    pub fn output(&self, path: &str) -> Result<State, OutputError> {
        let owned = || path.to_owned();
        let mount = self
            .find(path)
            .ok_or_else(|| OutputError::NoMount { path: owned() })?;
        if mount.readonly {
            return Ok(mount.source.with_output(mount.source.output().cloned()));
        }
        match mount.kind {
            MountKind::Tmpfs { .. } => Err(OutputError::Tmpfs { path: owned() }),
            _ if mount.no_output => Err(OutputError::Dropped { path: owned() }),
            MountKind::Cache { .. } => Err(OutputError::Cache { path: owned() }),
            MountKind::Bind => Ok(mount.source.with_output(self.output_of(mount))),
        }
    }

    /// Finds the first mount at a path; mounts are sorted.
    fn find(&self, path: &str) -> Option<&Mount> {
        let Operation::Exec(exec) = &self.vertex.operation else {
            return None;
        };
        let mounts = &exec.mounts;
        let position = mounts.partition_point(|mount| *mount.destination < *path);
        mounts
            .get(position)
            .filter(|mount| mount.destination == path)
    }

    fn output_of(&self, mount: &Mount) -> Option<Output> {
        mount.output.map(|index| Output {
            vertex: self.vertex.clone(),
            index,
        })
    }
}

impl From<Run> for State {
    fn from(run: Run) -> Self {
        run.root
    }
}
