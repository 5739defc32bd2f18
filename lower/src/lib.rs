//! Conversion of a plan to LLB: a state and an image config.
//!
//! [`Lowering`] has the inputs besides the plan: images and contexts resolved by the daemon ([`Externals`]), the daemon's
//! capabilities ([`Daemon`]), and the client's options ([`BuildOptions`]). Nothing here talks to the daemon.
#![forbid(unsafe_code)]

mod assert;
mod base_warnings;
mod building;
mod built;
mod by_platform;
mod cache_list;
mod caches;
mod copy;
mod copy_times;
mod elsewhere;
mod extent;
mod external;
mod files;
mod layers;
mod limits;
mod look;
mod lowering;
mod mounts;
mod needs;
mod only_match;
mod outputs;
mod parallel;
mod patterns;
mod permissions;
mod progress;
mod remote;
mod reports;
mod requirements;
mod run;
mod run_context;
mod runner;
mod script;
mod source_maps;
mod stage;
mod support;
mod taken;
#[cfg(test)]
mod test_plans;
mod times;
mod transfer;
mod unset;
mod users;
mod verification;

use std::collections::BTreeMap;

use buildkit_image_config::ImageConfig;
use buildkit_llb::State;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::plan::{DockerfileSource, Plan, StageId};
use stagefile_text::paths;

use built::history;
use times::KeptTimes;

pub use built::{Built, Script};
pub use by_platform::ByPlatform;
pub use cache_list::CacheDirectory;
pub use external::{BaseImage, Externals, Resolved};
pub use look::{LayerFiles, compare_files, look_at_layers};
pub use lowering::{BuildOptions, Daemon, Lowering, RunOptions};
pub use needs::{Needs, needs};
pub use permissions::{Permission, permissions};
pub use reports::{Report, Reported, Saved, side_by_side};
pub use runner::Runner;
pub use source_maps::{SourceMaps, range};
pub use taken::Taken;
pub use transfer::Transfer;
pub use verification::verify;

/// The result of lowering a plan.
#[derive(Debug)]
pub struct Lowered {
    /// The target.
    pub target: Built,
    /// The files of the other stages that it needs, by stage name.
    pub stages: BTreeMap<String, State>,
    /// The caches that it uses, if they are to be listed.
    pub caches: Vec<CacheDirectory>,
    /// The steps that check the assertions of all stages. Each is a requirement of its stage, so the first failure ends a
    /// build.
    pub checks: Vec<State>,
    /// The paths that the steps of all stages take from stages, images and contexts.
    pub taken: Vec<Taken>,
    /// The stages whose reports are requested; then the target is a directory of these, if everything succeeds.
    pub reported: Vec<Reported>,
}

/// Lowers the named contexts of a Dockerfile, once all Dockerfiles before it are resolved: the files of each name, and the
/// config of its image.
pub fn contexts_of(
    file: &DockerfileSource,
    plan: &Plan,
    lowering: &Lowering<'_>,
    found: &mut Diagnostics,
) -> Vec<(String, State, ImageConfig)> {
    let mut built: BTreeMap<StageId, Built> = BTreeMap::new();
    let kept = KeptTimes::find(plan);
    // Stages that depend on later results are left out.
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

/// Lowers the target of a plan and everything that it depends on; `None` after errors.
pub fn lower(plan: &Plan, lowering: &Lowering<'_>, found: &mut Diagnostics) -> Option<Lowered> {
    let mut built: BTreeMap<StageId, Built> = BTreeMap::new();
    let kept = KeptTimes::find(plan);
    for id in plan.order() {
        if let Some(stage) = stage::lower(plan, id, &built, &kept, lowering, found) {
            built.insert(id, stage);
        }
    }
    if found.has_errors() {
        return None;
    }
    let caches = if lowering.options.lists_caches {
        cache_list::caches(plan, &built, &kept, lowering)
    } else {
        Vec::new()
    };
    let reported = plan.reported.iter();
    let reported = reported.filter_map(|id| Some(Reported::new(plan, *id, built.get(id)?)));
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
        target.finished(history, &lowering.options.labels, created)
    } else {
        reports::result(plan, &reported, &lowering.source_maps)
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
