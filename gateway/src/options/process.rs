//! What the client wants every process to have.

use buildkit_llb::{Constrain as _, Exec, Mount, When as _};

use super::{NoCache, Options};

impl Options {
    /// Gives a process what the client wants every process to have: network, host name, lines of `/etc/hosts`, limits, the size
    /// of `/dev/shm`, and that it runs although the cache has its result.
    ///
    /// Proxies and caches of single stages are left to the frontend's language.
    pub fn apply_to(&self, exec: Exec) -> Exec {
        let shm_size = self.shm_size.and_then(|bytes| i64::try_from(bytes).ok());
        let exec = exec
            .network(self.network)
            .when(self.no_cache == NoCache::All, Exec::ignoring_cache)
            .when_some(self.hostname.as_ref(), Exec::hostname)
            .when_some(self.cgroup_parent.as_ref(), Exec::cgroup_parent)
            .when_some(self.resources.clone(), Exec::limited)
            .when_some(shm_size, |exec, bytes| {
                exec.mount(Mount::tmpfs("/dev/shm").size(bytes))
            });
        let hosts = self.extra_hosts.iter();
        let exec = hosts.fold(exec, |exec, host| exec.host(&host.host, host.address));
        let ulimits = self.ulimits.iter().cloned();
        ulimits.fold(exec, Exec::ulimit)
    }
}
