//! What a plan is lowered with.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use buildkit_llb::{
    Capability, Constrain, LinuxResources, Network, Platform, ProxyEnvironment, Support, Ulimit,
};
use stagefile_language::budget::Budget;
use stagefile_language::lock::Lock;
use stagefile_language::source::{Sources, Span};

use super::{Externals, Places, Runner};

/// What a plan is lowered with.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The files, for places.
    pub sources: &'a Sources,
    /// The same, as the daemon shows them when a step fails.
    pub places: Places<'a>,
    /// What the plan uses from outside.
    pub externals: Externals,
    /// What runs the build.
    pub daemon: Daemon,
    /// What the client asks for.
    pub options: BuildOptions,
    /// What pins repositories and downloads.
    pub lock: Option<&'a Lock>,
    /// Whether only the file is known, and not what the images are like that it names.
    pub offline: bool,
    /// The time, since 1970, by which scripts are run again after a while; 0 where the graph must be the same at all times.
    pub now: Duration,
    /// What no other build has; empty where builds are not to differ.
    pub nonce: String,
    /// How much steps may write into the graph.
    pub budget: Budget,
}

/// What runs a build.
#[derive(Debug)]
pub struct Daemon {
    /// What it can do.
    pub support: Support,
    /// What it runs without emulation.
    pub native: Platform,
    /// Our own program, for the platforms on which processes need it.
    pub runners: BTreeMap<Platform, Runner>,
}

impl Default for Daemon {
    /// Begins with a daemon that can do everything, on the platform of this program.
    fn default() -> Self {
        Self {
            support: Support::full(),
            native: Platform::host(),
            runners: BTreeMap::new(),
        }
    }
}

/// What the client asks of a build.
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Whether the build is for several platforms, so that names have to tell them apart.
    pub several_platforms: bool,
    /// What every script is to have.
    pub run: RunOptions,
    /// The names of stages that aren't taken from the cache.
    pub no_cache: BTreeSet<String>,
    /// What cache ids begin with.
    pub cache_namespace: String,
    /// What the caches of a project are told apart by; empty if there is nothing to tell.
    pub project: String,
    /// Whether the caches are to be listed.
    pub lists_caches: bool,
    /// Labels that are added to the image.
    pub labels: BTreeMap<String, String>,
    /// The time that new files have, in seconds since 1970.
    pub epoch: Option<i64>,
}

/// What the client asks of every script.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// The network of scripts that choose none.
    pub network: Network,
    /// Extra host names.
    pub hosts: Vec<(String, IpAddr)>,
    /// The size of `/dev/shm`, in bytes; 0 for the daemon's own.
    pub shm_size: u64,
    /// Limits.
    pub ulimits: Vec<Ulimit>,
    /// Limits of memory and processors.
    pub resources: Option<LinuxResources>,
    /// The control group that scripts run below.
    pub cgroup_parent: Option<String>,
    /// The host name that scripts see.
    pub hostname: Option<String>,
    /// Proxies, which are not part of the cache key.
    pub proxy: ProxyEnvironment,
}

impl<'a> Lowering<'a> {
    /// Begins with what everything needs: no images and contexts, no wishes of the client's, a daemon that can do all.
    ///
    /// `places` are in the same files as `sources`.
    pub fn new(sources: &'a Sources, places: Places<'a>) -> Self {
        Self {
            sources,
            places,
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

    /// Ties an operation to places in the files.
    pub(super) fn locate<T: Constrain>(
        &self,
        operation: T,
        places: impl IntoIterator<Item = Span>,
    ) -> T {
        self.places.locate(operation, places)
    }

    /// Tells whether the daemon can do something.
    pub(super) fn can(&self, capability: Capability) -> bool {
        self.daemon.support.supports(capability).is_ok()
    }
}
