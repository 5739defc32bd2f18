//! Workers, which run builds.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use buildkit_proto::worker::WorkerRecord;

use crate::platform;

/// A worker of the daemon.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Worker {
    /// The worker's ID.
    pub id: String,
    /// Labels set by the daemon's administrator.
    pub labels: BTreeMap<String, String>,
    /// The platforms that it can run: its native one first, then those that it emulates.
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
