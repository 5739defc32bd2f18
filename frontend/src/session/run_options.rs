//! The client's options for all scripts.

use buildkit_gateway::options::ProcessOptions;
use stagefile_lower::RunOptions;

/// Returns the client's options that affect scripts.
pub(super) fn from_process_options(process: &ProcessOptions) -> RunOptions {
    RunOptions {
        network: process.network,
        hosts: process
            .extra_hosts
            .iter()
            .map(|host| (host.host.clone(), host.address))
            .collect(),
        shm_size: process.shm_size.unwrap_or_default(),
        ulimits: process.ulimits.clone(),
        cgroup_parent: process.cgroup_parent.clone(),
        hostname: process.hostname.clone(),
        resources: process.resources.clone(),
        proxy: process.proxy.clone(),
    }
}
