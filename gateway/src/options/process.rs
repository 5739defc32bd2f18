//! Properties of processes that the client sets.

use buildkit_llb::{
    Constrain as _, Exec, LinuxResources, Mount, Network, ProxyEnvironment, Ulimit, When as _,
};

use super::error::Problems;
use super::given::{BUILD_ARG, Given};
use super::{ExtraHost, NoCache, Options, hosts, proxy, resources, ulimit, value};

/// Properties that the client sets for every process. [`Options::apply_to`] applies them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ProcessOptions {
    /// The network of every process that doesn't set its own (`force-network-mode`).
    pub network: Network,
    /// Additional lines for `/etc/hosts` (`add-hosts`).
    pub extra_hosts: Vec<ExtraHost>,
    /// The host name (`hostname`, `BUILDKIT_SANDBOX_HOSTNAME`).
    pub hostname: Option<String>,
    /// The size of `/dev/shm` in bytes (`shm-size`).
    pub shm_size: Option<u64>,
    /// Resource limits by name (`ulimit`).
    pub ulimits: Vec<Ulimit>,
    /// Limits on memory and CPU (`memory`, `cpuquota`…).
    pub resources: Option<LinuxResources>,
    /// The parent of the processes' control groups (`cgroup-parent`).
    pub cgroup_parent: Option<String>,
    /// Proxies, which must not be part of the cache key (`HTTP_PROXY`…).
    pub proxy: ProxyEnvironment,
}

pub(super) fn parse(given: Given<'_>, problems: &mut Problems) -> ProcessOptions {
    let raw = given.0;
    let hostname = given.argument("BUILDKIT_SANDBOX_HOSTNAME");
    ProcessOptions {
        extra_hosts: problems.parse_or_default(raw, "add-hosts", hosts::parse),
        network: problems.parse_or_default(raw, "force-network-mode", value::network),
        hostname: hostname
            .map(str::to_owned)
            .or_else(|| given.text("hostname")),
        shm_size: problems.parse(raw, "shm-size", value::bytes),
        ulimits: problems.parse_or_default(raw, "ulimit", ulimit::parse),
        resources: resources::parse(raw, problems),
        cgroup_parent: given.text("cgroup-parent"),
        proxy: proxy::extract(&given.with_prefix(BUILD_ARG)),
    }
}

impl Options {
    /// Applies the client's settings for every process: network, host name, lines of `/etc/hosts`, limits, the size of
    /// `/dev/shm`, and running without the cache.
    ///
    /// Proxies, and disabling the cache for single stages, are left to the frontend's language.
    pub fn apply_to(&self, exec: Exec) -> Exec {
        let process = &self.process;
        let shm_size = process.shm_size.and_then(|bytes| i64::try_from(bytes).ok());
        let exec = exec
            .network(process.network)
            .when(self.no_cache == NoCache::All, Exec::ignore_cache)
            .when_some(process.hostname.as_ref(), Exec::hostname)
            .when_some(process.cgroup_parent.as_ref(), Exec::cgroup_parent)
            .when_some(process.resources.clone(), Exec::limited)
            .when_some(shm_size, |exec, bytes| {
                exec.mount(Mount::tmpfs("/dev/shm").size(bytes))
            });
        let hosts = process.extra_hosts.iter();
        let exec = hosts.fold(exec, |exec, host| exec.host(&host.host, host.address));
        let ulimits = process.ulimits.iter().cloned();
        ulimits.fold(exec, Exec::ulimit)
    }
}
