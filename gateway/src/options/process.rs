//! What the client wants every process to have.

use buildkit_llb::{
    Constrain as _, Exec, LinuxResources, Mount, Network, ProxyEnvironment, Ulimit, When as _,
};

use super::error::Problems;
use super::given::{BUILD_ARG, Given};
use super::{ExtraHost, NoCache, Options, hosts, proxy, resources, ulimit, value};

/// What the client wants every process to have. [`Options::apply_to`] gives it to one.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ProcessOptions {
    /// The network of every process that doesn't choose its own (`force-network-mode`).
    pub network: Network,
    /// Further lines for `/etc/hosts` (`add-hosts`).
    pub extra_hosts: Vec<ExtraHost>,
    /// The host name (`hostname`, `BUILDKIT_SANDBOX_HOSTNAME`).
    pub hostname: Option<String>,
    /// Bytes of `/dev/shm` (`shm-size`).
    pub shm_size: Option<u64>,
    /// Limits by name (`ulimit`).
    pub ulimits: Vec<Ulimit>,
    /// Limits of memory and processors (`memory`, `cpuquota`…).
    pub resources: Option<LinuxResources>,
    /// The control group that processes are put under (`cgroup-parent`).
    pub cgroup_parent: Option<String>,
    /// Proxies, which must not count for the cache (`HTTP_PROXY`…).
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
        proxy: proxy::of(&given.with_prefix(BUILD_ARG)),
    }
}

impl Options {
    /// Gives a process what the client wants every process to have: network, host name, lines of `/etc/hosts`, limits, the size
    /// of `/dev/shm`, and that it runs although the cache has its result.
    ///
    /// Proxies and caches of single stages are left to the frontend's language.
    pub fn apply_to(&self, exec: Exec) -> Exec {
        let process = &self.process;
        let shm_size = process.shm_size.and_then(|bytes| i64::try_from(bytes).ok());
        let exec = exec
            .network(process.network)
            .when(self.no_cache == NoCache::All, Exec::ignoring_cache)
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
