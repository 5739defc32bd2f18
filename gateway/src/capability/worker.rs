//! What runs builds.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use buildkit_proto::worker::WorkerRecord;

use crate::platform;

/// One worker of the daemon.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Worker {
    /// The worker's name.
    pub id: String,
    /// What the daemon's administrator says of it.
    pub labels: BTreeMap<String, String>,
    /// What it can run: its own platform first, then those that it emulates.
    pub platforms: Vec<Platform>,
}

impl Worker {
    pub(crate) fn from_wire(worker: WorkerRecord) -> Self {
        Self {
            id: worker.id,
            labels: worker.labels,
            platforms: worker
                .platforms
                .into_iter()
                .map(platform::from_wire)
                .collect(),
        }
    }
}
