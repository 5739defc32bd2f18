//! Caches as files of the client's: `--target @caches` delivers them, the context `caches` fills new ones.

use std::collections::BTreeMap;

use buildkit_gateway::context::NamedContext;
use buildkit_gateway::{BuildResult, Client, Failure, PlatformResult, Ref, SolveRequest};
use buildkit_llb::{Platform, State};
use stagefile_language::plan::{CACHES_CONTEXT, CACHES_TARGET, context_name};
use stagefile_language::source::Sources;
use stagefile_lower::{CacheDirectory, Needs, Runner, Transfer};
use stagefile_runner::cache::{Limits, MOST_PARTS, Outcome, Saved};

use super::{Build, cache_limits, marshalling, mistakes, runner};
use crate::tools::verbs::Verb;

/// The longest file that says what came of a cache; a longer one is none of ours.
const LONGEST_OUTCOME: u64 = 64 << 10;

/// How many archives there are at most, unless there are more caches.
const MOST_ARCHIVES: usize = 64;

/// Makes the answer to a build of `@caches`: an archive of each cache that any stage uses for any of the platforms, unless it is new.
///
/// Platforms share some of the caches, so all archives are one result.
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
    let processes = Processes::of(build).await?;
    let transfer = processes.transfer();
    let caches: Vec<&CacheDirectory> = caches.values().collect();
    // Each archive becomes a layer, of which an image can't have any number.
    let limits = Limits {
        parts: (MOST_ARCHIVES / caches.len().max(1)).clamp(1, MOST_PARTS),
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

/// Makes a result that has the archives once, in the form that the client asked for: with several platforms they go to the daemon's
/// own one, or the first, and the others have nothing.
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

/// Finds the platform whose result has the archives.
fn holder<'a>(targets: &'a [Platform], native: &Platform) -> Option<&'a Platform> {
    let own = targets
        .iter()
        .find(|target| target.normalize() == native.normalize());
    own.or_else(|| targets.first())
}

/// Fills the caches of a build that are new from the archives of the client, if it has any.
///
/// This is over before the build begins. Nothing of it becomes a part of what steps depend on.
pub(super) async fn import(
    build: &Build<'_>,
    caches: &[CacheDirectory],
    sources: &Sources,
) -> Result<(), Failure> {
    let Some(context) = context(build).await else {
        return Ok(());
    };
    // Without the build cache the daemon empties the caches, so there is nothing to be gained.
    let caches: Vec<&CacheDirectory> = caches.iter().filter(|cache| !cache.is_emptied).collect();
    if caches.is_empty() {
        return Ok(());
    }
    let processes = Processes::of(build).await?;
    let transfer = processes.transfer();
    // Archives are large, and most caches of most builds are in use.
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
    // Whoever saved those of several platforms has a directory for each.
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
        // Such as a registry that went away in the middle. Our program fills a cache as a whole or not at all.
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

/// Finds the archives of the client, for the platform that has them. Without them the build takes longer, so it goes on: the first one has
/// nothing to import yet.
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
    async fn of(build: &'a Build<'a>) -> Result<Self, Failure> {
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

    /// Has directories made, and joined into one.
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

    /// Waits for what came of caches, one directory for each.
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

/// Reads what came of caches.
async fn read_outcomes<T>(
    made: Option<Ref>,
    caches: &[&CacheDirectory],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Failure> {
    let no_answer = || Failure::new("the frontend's own program doesn't say what it did");
    let made = made.ok_or_else(no_answer)?;
    let mut outcomes = Vec::new();
    for cache in caches {
        let text = made.read_file_up_to(&cache.file, LONGEST_OUTCOME).await?;
        let outcome = parse(&String::from_utf8_lossy(&text));
        outcomes.push(outcome.ok_or_else(no_answer)?);
    }
    Ok(outcomes)
}

impl Build<'_> {
    /// Tells whether the client asks for the caches rather than for a stage.
    pub(super) fn exports_caches(&self) -> bool {
        self.options.target.as_deref() == Some(CACHES_TARGET)
    }

    /// Tells whether the client gives a context of caches.
    fn imports_caches(&self) -> bool {
        let mut keys = self.options.files.named_contexts.keys();
        keys.any(|key| context_name(key) == CACHES_CONTEXT)
    }

    /// Tells whether anything is to be known of caches.
    pub(super) fn lists_caches(&self) -> bool {
        let asked = self.options.request == Some(Verb::Caches.request());
        asked || self.exports_caches() || self.imports_caches()
    }
}

#[cfg(test)]
mod tests;
