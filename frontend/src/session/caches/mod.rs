//! Export and import of caches: `--target @caches` exports them, and the context `caches` fills new ones.

use std::collections::BTreeMap;

use buildkit_gateway::context::NamedContext;
use buildkit_gateway::{BuildResult, Client, Failure, PlatformResult, Ref, SolveRequest};
use buildkit_llb::{Platform, State};
use stagefile_language::plan::{CACHES_CONTEXT, CACHES_TARGET, context_name};
use stagefile_language::source::Sources;
use stagefile_lower::{CacheDirectory, Needs, Runner, Transfer};
use stagefile_runner::cache::{Limits, MAX_PARTS, Outcome, Saved};

use super::{Build, cache_limits, marshalling, mistakes, runner};
use crate::tools::verbs::Verb;

/// The maximum size of a file with a cache's outcome; a larger one isn't ours.
const MAX_OUTCOME_SIZE: u64 = 64 << 10;

/// The maximum number of archives, unless there are more caches.
const MAX_ARCHIVES: usize = 64;

/// Answers a build of `@caches` with an archive of each cache that a stage uses on any of the platforms, unless the cache is new.
///
/// Platforms share some of the caches, so all archives are a single result.
pub(super) async fn export(build: &Build<'_>) -> Result<BuildResult, Failure> {
    let mut caches = BTreeMap::new();
    for target in build.targets() {
        let mut checked = build.check(&target).await?;
        let plan = checked.take_plan();
        let mut plan = plan.ok_or_else(|| mistakes::failure(&checked.sources, &checked.found))?;
        plan.want_all_given();
        build.place_binds(&mut plan, &checked.sources).await?;
        let epoch = build.epoch.or(plan.epoch());
        let lowered = build.lower(&plan, &checked.sources, false, epoch).await?;
        let found = lowered.0.caches.into_iter();
        caches.extend(found.map(|cache| (cache.file.clone(), cache)));
    }
    if caches.is_empty() {
        build.warn("no stage of the file uses a cache").await;
    }
    let processes = Processes::find(build).await?;
    let transfer = processes.transfer();
    let caches: Vec<&CacheDirectory> = caches.values().collect();
    // Each archive becomes a layer, whose number is limited in an image.
    let limits = Limits {
        parts: (MAX_ARCHIVES / caches.len().max(1)).clamp(1, MAX_PARTS),
        ..build.extras.limits
    };
    let saved = caches.iter().map(|cache| transfer.save(cache, &limits));
    let (archives, told): (Vec<Vec<State>>, Vec<State>) = saved.unzip();
    let mut made = Vec::new();
    let saved = processes.outcomes(&told, &caches, Saved::parse).await?;
    for ((cache, archives), saved) in caches.iter().zip(archives).zip(saved) {
        if let Some(message) = cache_limits::left_out(&cache.name, &saved.outcome) {
            build.warn(&message).await;
        }
        let archives = archives.into_iter().enumerate();
        let archives = archives.filter(|(part, _)| saved.parts.contains(part));
        made.extend(archives.map(|(_, archive)| archive));
    }
    let archives = made;
    let reference = processes.solve(&archives, |request| request).await?;
    Ok(of_all_platforms(build, reference))
}

/// Creates a result that contains the archives once, in the form that the client asked for: of several platforms, the daemon's
/// own or else the first gets them, and the others are empty.
fn of_all_platforms(build: &Build<'_>, reference: Option<Ref>) -> BuildResult {
    let targets = build.targets();
    let holder = holder(&targets, &build.native).cloned();
    let mut archives = Some(reference);
    let results = targets.into_iter().map(|target| {
        let is_holder = Some(&target) == holder.as_ref();
        let reference = archives.take_if(|_| is_holder).flatten();
        (target, PlatformResult::new(reference))
    });
    BuildResult::for_platforms(results, build.options.multi_platform)
}

/// Returns the platform whose result contains the archives.
fn holder<'a>(targets: &'a [Platform], native: &Platform) -> Option<&'a Platform> {
    let own = targets
        .iter()
        .find(|target| target.normalize() == native.normalize());
    own.or_else(|| targets.first())
}

/// Fills new caches of a build from the client's archives, if there are any.
///
/// This happens before the build begins. Steps don't depend on it.
pub(super) async fn import(
    build: &Build<'_>,
    caches: &[CacheDirectory],
    sources: &Sources,
) -> Result<(), Failure> {
    let Some(context) = context(build).await else {
        return Ok(());
    };
    // Without the build cache, the daemon empties the caches, so filling them is useless.
    let caches: Vec<&CacheDirectory> = caches.iter().filter(|cache| !cache.is_emptied).collect();
    if caches.is_empty() {
        return Ok(());
    }
    let processes = Processes::find(build).await?;
    let transfer = processes.transfer();
    // Archives are large, and most caches of most builds aren't new.
    let looks: Vec<State> = caches.iter().map(|cache| transfer.look(cache)).collect();
    let states = processes.outcomes(&looks, &caches, Outcome::parse).await?;
    let new: Vec<&CacheDirectory> = caches
        .into_iter()
        .zip(states)
        .filter(|(_, state)| *state == Outcome::New)
        .map(|(cache, _)| cache)
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    // If the archives were saved for several platforms, there is a directory for each.
    let names = new.iter().flat_map(|cache| {
        let (archive, parts) = (cache.archive(), cache.parts());
        [format!("*/{archive}"), format!("*/{parts}"), archive, parts]
    });
    let archives = context.files.with_paths(names);
    let fills: Vec<State> = new
        .iter()
        .map(|cache| transfer.fill(cache, &archives))
        .collect();
    let filled = match processes.solve(&fills, SolveRequest::evaluate).await {
        Ok(filled) => filled,
        // For example, a registry became unavailable. Our program fills a cache completely or not at all.
        Err(failure) => {
            warn_of_absence(build, failure.message()).await;
            return Ok(());
        }
    };
    let outcomes = read_outcomes(filled, &new, Outcome::parse).await?;
    let mut absent = Vec::new();
    for (cache, outcome) in new.iter().zip(outcomes) {
        match outcome {
            Outcome::Broken(reason) => {
                let message = format!(
                    "the cache `{}` can't be imported: {} of the context `{CACHES_CONTEXT}`: {reason}",
                    cache.name,
                    cache.archive(),
                );
                return Err(Failure::new(message).at(&mistakes::excerpt(sources, cache.span)));
            }
            Outcome::Absent => absent.push(cache.archive()),
            _ => {}
        }
    }
    if !absent.is_empty() {
        let message = format!(
            "the context `{CACHES_CONTEXT}` has nothing for {} of {} new caches: {}",
            absent.len(),
            new.len(),
            absent.join(", ")
        );
        build.warn(&message).await;
    }
    Ok(())
}

/// Finds the client's archives, for the right platform. Without them the build only takes longer, so it continues: the first
/// build has nothing to import yet.
async fn context(build: &Build<'_>) -> Option<NamedContext> {
    let mut platforms = build.targets();
    platforms.insert(0, build.native.clone());
    platforms.dedup();
    let mut failure = None;
    for platform in &platforms {
        match build.contexts.named(CACHES_CONTEXT, Some(platform)).await {
            Ok(found) => return found,
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let reason = failure.map(Failure::from);
    warn_of_absence(build, reason.as_ref().map_or("", Failure::message)).await;
    None
}

async fn warn_of_absence(build: &Build<'_>, reason: &str) {
    let message =
        format!("the context `{CACHES_CONTEXT}` can't be had, so new caches stay empty: {reason}");
    build.warn(&message).await;
}

/// The processes of our program that a build needs for caches.
struct Processes<'a> {
    client: &'a Client,
    build: &'a Build<'a>,
    runner: Runner,
}

impl<'a> Processes<'a> {
    async fn find(build: &'a Build<'a>) -> Result<Self, Failure> {
        let needs = Needs {
            runners: [build.native.clone()].into(),
            ..Needs::default()
        };
        let mut runners = runner::find(build.client, &build.native, &needs).await?;
        let runner = runners.remove(&build.native);
        Ok(Self {
            client: build.client,
            build,
            runner: runner
                .ok_or_else(|| Failure::new("the frontend's own program can't be found"))?,
        })
    }

    fn transfer(&self) -> Transfer<'_> {
        Transfer {
            runner: &self.runner,
            support: &self.client.capabilities().llb,
            nonce: &self.build.nonce,
        }
    }

    /// Solves directories, joined into one.
    async fn solve(
        &self,
        directories: &[State],
        change: impl FnOnce(SolveRequest) -> SolveRequest,
    ) -> Result<Option<Ref>, Failure> {
        let options = marshalling(self.client, &self.build.native);
        let definition = self.transfer().join(directories).marshal(&options);
        let request = change(SolveRequest::definition(&definition));
        let solved = self.client.solve(request).await?;
        Ok(solved.single_reference().cloned())
    }

    /// Waits for the outcomes of caches, each in a directory.
    async fn outcomes<T>(
        &self,
        directories: &[State],
        caches: &[&CacheDirectory],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, Failure> {
        if directories.is_empty() {
            return Ok(Vec::new());
        }
        let made = self.solve(directories, SolveRequest::evaluate).await?;
        read_outcomes(made, caches, parse).await
    }
}

/// Reads the outcomes of caches.
async fn read_outcomes<T>(
    made: Option<Ref>,
    caches: &[&CacheDirectory],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Failure> {
    let no_answer = || Failure::new("the frontend's own program doesn't say what it did");
    let made = made.ok_or_else(no_answer)?;
    let mut outcomes = Vec::new();
    for cache in caches {
        let text = made.read_file_up_to(&cache.file, MAX_OUTCOME_SIZE).await?;
        let outcome = parse(&String::from_utf8_lossy(&text));
        outcomes.push(outcome.ok_or_else(no_answer)?);
    }
    Ok(outcomes)
}

impl Build<'_> {
    /// Reports whether the client requests the caches rather than a stage.
    pub(super) fn exports_caches(&self) -> bool {
        self.options.target.as_deref() == Some(CACHES_TARGET)
    }

    /// Reports whether the client provides a context with caches.
    fn imports_caches(&self) -> bool {
        let mut keys = self.options.files.named_contexts.keys();
        keys.any(|key| context_name(key) == CACHES_CONTEXT)
    }

    /// Reports whether information about caches is needed.
    pub(super) fn lists_caches(&self) -> bool {
        let asked = self.options.request == Some(Verb::Caches.request());
        asked || self.exports_caches() || self.imports_caches()
    }
}

#[cfg(test)]
mod tests;
