//! From a plan to LLB: one state and one image config.
//!
//! [`Lowering`] holds what the plan can't know: what the daemon said of images, contexts and its capabilities, and what
//! the client asked for. Nothing here talks to the daemon.
#![forbid(unsafe_code)]

mod assert;
mod building;
mod built;
mod by_platform;
mod cache_list;
mod caches;
mod config;
mod copy;
mod copy_times;
mod elsewhere;
mod extent;
mod external;
mod files;
mod layers;
mod limits;
mod look;
mod mounts;
mod needs;
mod only_match;
mod outputs;
mod parallel;
mod patterns;
mod permissions;
mod places;
#[cfg(test)]
mod planned;
mod progress;
mod remote;
mod reports;
mod requirements;
mod run;
mod run_context;
mod runner;
mod script;
mod stage;
mod support;
mod taken;
mod times;
mod transfer;
mod unset;
mod users;
mod verification;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use buildkit_image_config::ImageConfig;
use buildkit_llb::{
    Capability, Constrain, LinuxResources, Network, Platform, ProxyEnvironment, State, Support,
    Ulimit,
};
use bytes::Bytes;
use stagefile_language::budget::Budget;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::lock::Lock;
use stagefile_language::plan::{DockerfileSource, ImageSource, LayoutSource, Plan, StageId};
use stagefile_language::source::{Sources, Span};
use stagefile_text::paths;

use built::history;
use times::KeptTimes;

pub use built::{Built, Script};
pub use by_platform::ByPlatform;
pub use cache_list::CacheDirectory;
pub use look::{LayerFiles, compare_files, look_at_layers};
pub use needs::{Needs, needs};
pub use permissions::{Permission, permissions};
pub use places::{Places, range};
pub use reports::{Report, Reported, Saved, side_by_side};
pub use runner::Runner;
pub use taken::Taken;
pub use transfer::Transfer;
pub use verification::verify;

/// An image or a context of the client's, as the daemon knows it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Its files.
    pub state: State,
    /// What it is as an image; `None` for files that are none.
    pub image: Option<BaseImage>,
    /// Whether the files are those of an image as a registry has it: the same in every build, times included.
    pub is_image: bool,
}

impl Resolved {
    /// Takes files that are no image.
    pub fn files(state: State) -> Self {
        Self {
            state,
            image: None,
            is_image: false,
        }
    }
}

/// The config of an image that stages start from.
#[derive(Clone, Debug)]
pub struct BaseImage {
    /// What it says.
    pub config: ImageConfig,
    /// The same, byte for byte.
    pub json: Bytes,
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

/// What a plan is lowered with.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The files, for places.
    pub sources: &'a Sources,
    /// The same, as the daemon shows them when a step fails.
    pub places: Places<'a>,
    /// Whether the build is for several platforms, so that names have to tell them apart.
    pub several_platforms: bool,
    /// The images that the plan uses, and those that contexts stand for.
    pub images: ByPlatform<ImageSource, Resolved>,
    /// The images of OCI layouts that the plan uses.
    pub layouts: ByPlatform<LayoutSource, Resolved>,
    /// What the Dockerfiles make that the plan uses.
    pub dockerfiles: ByPlatform<DockerfileSource, Resolved>,
    /// The contexts that the plan uses.
    pub contexts: ByPlatform<String, Resolved>,
    /// The build context; `None` if the plan doesn't use it.
    pub main_context: Option<State>,
    /// What the client asks of every script.
    pub run: RunOptions,
    /// The names of stages that aren't taken from the cache.
    pub no_cache: BTreeSet<String>,
    /// What cache ids begin with.
    pub cache_namespace: String,
    /// What the caches of a project are told apart by; empty if there is nothing to tell.
    pub project: String,
    /// What no other build has; empty where builds are not to differ.
    pub nonce: String,
    /// Whether the caches are to be listed.
    pub lists_caches: bool,
    /// Labels that the client adds to the image.
    pub labels: BTreeMap<String, String>,
    /// The time, since 1970, by which scripts are run again after a while; 0 where the graph must be the same at all times.
    pub now: Duration,
    /// The time that new files have, in seconds since 1970.
    pub epoch: Option<i64>,
    /// What pins repositories and downloads.
    pub lock: Option<&'a Lock>,
    /// What the daemon can do.
    pub support: Support,
    /// Whether only the file is known, and not what the images are like that it names.
    pub offline: bool,
    /// What the daemon runs without emulation.
    pub native: Platform,
    /// Our own program, for the platforms on which processes need it.
    pub runners: BTreeMap<Platform, Runner>,
    /// How much steps may write into the graph.
    pub budget: Budget,
}

impl<'a> Lowering<'a> {
    /// Begins with what everything needs: no images and contexts, no wishes of the client's, a daemon that can do all.
    ///
    /// `places` are in the same files as `sources`.
    pub fn new(sources: &'a Sources, places: Places<'a>) -> Self {
        Self {
            sources,
            places,
            several_platforms: false,
            images: ByPlatform::default(),
            layouts: ByPlatform::default(),
            dockerfiles: ByPlatform::default(),
            contexts: ByPlatform::default(),
            main_context: None,
            run: RunOptions::default(),
            no_cache: BTreeSet::new(),
            cache_namespace: String::new(),
            project: String::new(),
            nonce: String::new(),
            lists_caches: false,
            labels: BTreeMap::new(),
            now: Duration::ZERO,
            epoch: None,
            lock: None,
            support: Support::full(),
            offline: false,
            native: Platform::host(),
            runners: BTreeMap::new(),
            budget: Budget::default(),
        }
    }

    /// Ties an operation to places in the files.
    fn locate<T: Constrain>(&self, operation: T, places: impl IntoIterator<Item = Span>) -> T {
        self.places.locate(operation, places)
    }

    /// Tells whether the daemon can do something.
    fn can(&self, capability: Capability) -> bool {
        self.support.supports(capability).is_ok()
    }
}

/// What a plan was lowered to.
#[derive(Debug)]
pub struct Lowered {
    /// The result that is wanted.
    pub target: Built,
    /// The files of the other stages that it needs, by their names.
    pub stages: BTreeMap<String, State>,
    /// The caches that it uses, if they are to be listed.
    pub caches: Vec<CacheDirectory>,
    /// What checks the assertions of all stages: each is required by its stage, so the first that fails ends a build.
    pub checks: Vec<State>,
    /// What the steps of all stages take of stages, images and contexts.
    pub taken: Vec<Taken>,
    /// The stages whose reports are wanted; then the target is a directory of these, if all succeeds.
    pub reported: Vec<Reported>,
}

/// Lowers what a Dockerfile's names stand for, once all Dockerfiles before it are there: each name with its files and the
/// config of its image.
pub fn contexts_of(
    file: &DockerfileSource,
    plan: &Plan,
    lowering: &Lowering<'_>,
    found: &mut Diagnostics,
) -> Vec<(String, State, ImageConfig)> {
    let mut built: BTreeMap<StageId, Built> = BTreeMap::new();
    let kept = KeptTimes::of(plan);
    // What comes later and isn't there yet is left out.
    for id in plan.order() {
        if let Some(stage) = stage::lower(plan, id, &built, &kept, lowering, found) {
            built.insert(id, stage);
        }
    }
    let contexts = file.contexts.iter().filter_map(|(name, id)| {
        let created = lowering.created();
        let history = history(&built, *id, &created);
        let stage = built.get(id)?.clone();
        let stage = stage.finished(history, &BTreeMap::new(), created);
        Some((name.clone(), stage.state, stage.config))
    });
    contexts.collect()
}

/// Lowers the target of a plan and all that it needs; `None` after errors.
pub fn lower(plan: &Plan, lowering: &Lowering<'_>, found: &mut Diagnostics) -> Option<Lowered> {
    let mut built: BTreeMap<StageId, Built> = BTreeMap::new();
    let kept = KeptTimes::of(plan);
    for id in plan.order() {
        if let Some(stage) = stage::lower(plan, id, &built, &kept, lowering, found) {
            built.insert(id, stage);
        }
    }
    if found.has_errors() {
        return None;
    }
    let caches = if lowering.lists_caches {
        cache_list::caches(plan, &built, &kept, lowering)
    } else {
        Vec::new()
    };
    let reported = plan.reported.iter();
    let reported = reported.filter_map(|id| Some(Reported::of(plan, *id, built.get(id)?)));
    let reported: Vec<Reported> = reported.collect();
    let checks = built
        .values()
        .flat_map(|stage| stage.checks.iter().cloned());
    let checks = checks.collect();
    let taken = built
        .values_mut()
        .flat_map(|stage| std::mem::take(&mut stage.taken));
    let taken = taken.collect();
    let target = if reported.is_empty() {
        let created = lowering.created();
        let history = history(&built, plan.target, &created);
        let target = built.remove(&plan.target)?;
        target.finished(history, &lowering.labels, created)
    } else {
        reports::result(plan, &reported, &lowering.places)
    };
    let stages = built
        .into_iter()
        .map(|(id, stage)| (plan.stage(id).name.clone(), stage.state));
    Some(Lowered {
        target,
        stages: stages.collect(),
        caches,
        checks,
        taken,
        reported,
    })
}
