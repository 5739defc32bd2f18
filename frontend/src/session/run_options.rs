//! What the client asks of every script.

use buildkit_gateway::options::ProcessOptions;
use stagefile_lower::RunOptions;

/// Takes from the client's options what scripts depend on.
pub(super) fn of(process: &ProcessOptions) -> RunOptions {
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
