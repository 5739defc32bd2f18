//! The parameters of lowering.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use buildkit_llb::{
    Capability, Constrain, LinuxResources, Network, Platform, ProxyEnvironment, Support, Ulimit,
};
use stagefile_language::budget::Budget;
use stagefile_language::lock::Lock;
use stagefile_language::source::{Sources, Span};

use super::{Externals, Runner, SourceMaps};

/// The parameters of lowering a plan.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The source files, for locations.
    pub sources: &'a Sources,
    /// The same, as the daemon shows them when a step fails.
    pub source_maps: SourceMaps<'a>,
    /// The resolved external sources.
    pub externals: Externals,
    /// The daemon that runs the build.
    pub daemon: Daemon,
    /// The client's options.
    pub options: BuildOptions,
    /// The lock file, which pins repositories and downloads.
    pub lock: Option<&'a Lock>,
    /// Whether only the file is known, without the images that it names.
    pub offline: bool,
    /// The time since 1970, by which scripts are run again after a while; 0 if the graph must
    /// always be the same.
    pub now: Duration,
    /// A unique value for this build; empty if builds must be identical.
    pub nonce: String,
    /// The budget for the size of steps in the graph.
    pub budget: Budget,
}

/// The daemon that runs a build.
#[derive(Debug)]
pub struct Daemon {
    /// Its capabilities.
    pub support: Support,
    /// The platform that it runs without emulation.
    pub native: Platform,
    /// Our own program, for each platform on which processes need it.
    pub runners: BTreeMap<Platform, Runner>,
}

impl Default for Daemon {
    /// Returns a daemon that supports everything, on the platform of this program.
    fn default() -> Self {
        Self {
            support: Support::full(),
            native: Platform::host(),
            runners: BTreeMap::new(),
        }
    }
}

/// The client's options for a build.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Whether the build is for several platforms, so that names include the platform.
    pub several_platforms: bool,
    /// The options for all scripts.
    pub run: RunOptions,
    /// The names of stages that are built without the cache.
    pub no_cache: BTreeSet<String>,
    /// The prefix of cache IDs.
    pub cache_namespace: String,
    /// The identity of the project in cache IDs; empty if there is none.
    pub project: String,
    /// Whether the caches are to be listed.
    pub lists_caches: bool,
    /// Labels that are added to the image.
    pub labels: BTreeMap<String, String>,
    /// The timestamp of new files, in seconds since 1970.
    pub epoch: Option<i64>,
}

/// The client's options for all scripts.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// The network of scripts that don't choose one.
    pub network: Network,
    /// Additional host names.
    pub hosts: Vec<(String, IpAddr)>,
    /// The size of `/dev/shm`, in bytes; 0 for the daemon's default.
    pub shm_size: u64,
    /// Resource limits.
    pub ulimits: Vec<Ulimit>,
    /// Limits on memory and CPU.
    pub resources: Option<LinuxResources>,
    /// The parent of the scripts' control groups.
    pub cgroup_parent: Option<String>,
    /// The host name of scripts.
    pub hostname: Option<String>,
    /// Proxies, which are not part of the cache key.
    pub proxy: ProxyEnvironment,
}

impl<'a> Lowering<'a> {
    /// Creates the minimal parameters: no images or contexts, no client options, and a daemon that
    /// supports everything.
    ///
    /// `source_maps` must be for the same files as `sources`.
    pub fn new(sources: &'a Sources, source_maps: SourceMaps<'a>) -> Self {
        Self {
            sources,
            source_maps,
            externals: Externals::default(),
            daemon: Daemon::default(),
            options: BuildOptions::default(),
            lock: None,
            offline: false,
            now: Duration::ZERO,
            nonce: String::new(),
            budget: Budget::default(),
        }
    }

    /// Sets the locations of an operation.
    pub(super) fn locate<T: Constrain>(
        &self,
        operation: T,
        places: impl IntoIterator<Item = Span>,
    ) -> T {
        self.source_maps.locate(operation, places)
    }

    /// Reports whether the daemon has a capability.
    pub(super) fn can(&self, capability: Capability) -> bool {
        self.daemon.support.supports(capability).is_ok()
    }
}
