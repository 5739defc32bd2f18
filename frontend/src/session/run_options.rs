//! What the client asks of every script.

use buildkit_gateway::Options;
use stagefile_lower::RunOptions;

/// Takes from the client's options what scripts depend on.
pub(super) fn of(options: &Options) -> RunOptions {
    RunOptions {
        network: options.network,
        hosts: options
            .extra_hosts
            .iter()
            .map(|host| (host.host.clone(), host.address))
            .collect(),
        shm_size: options.shm_size.unwrap_or_default(),
        ulimits: options.ulimits.clone(),
        cgroup_parent: options.cgroup_parent.clone(),
        hostname: options.hostname.clone(),
        resources: options.resources.clone(),
        proxy: options.proxy.clone(),
    }
}
