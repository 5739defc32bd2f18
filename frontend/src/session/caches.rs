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
mod tests {
    use buildkit_gateway::Failure;
    use buildkit_gateway::testkit::Daemon;
    use buildkit_proto::gateway as wire;

    use buildkit_proto::ops::op;

    use crate::session::asking::{ask, daemon, graph, lines, names, operations, script, warnings};

    const FILE: &str = "
caches:
  objects: { target: /objects, id: objects }
  empty: { target: /empty, id: empty }
stages:
  other:
    from: busybox:1.35
    steps: [{ run: make other, caches: empty }]
  app:
    from: busybox:1.35
    steps: [{ run: make app, caches: objects }]
";
    /// What the program's process for a cache is called, and the file that it leaves.
    const LOOK: &str = "[caches] look at objects";
    const FILL: &str = "[caches] import objects";
    const OUTCOME: &str = "objects-bd434ae159f82c36";
    const EMPTY: &str = "empty-aff7154e0232c981";
    const IMPORT: [(&str, &str); 1] = [("context:caches", "local:caches")];

    /// A daemon on which saving the caches ends so.
    fn saving(objects: &str, empty: &str) -> Daemon {
        let files = [(OUTCOME, objects.to_owned()), (EMPTY, empty.to_owned())];
        daemon(FILE).result_of("[internal] collect results of caches", files)
    }

    #[tokio::test]
    async fn only_archives_that_were_made_are_delivered() {
        let daemon = saving("kept\n0,3,15", "new\n");
        ask(&daemon, &[("target", "@caches")]).await.unwrap();
        let joined = operations(&daemon)
            .into_iter()
            .find_map(|one| match one.op {
                Some(op::Op::Merge(merge)) => Some(merge.inputs.len()),
                _ => None,
            });
        assert_eq!(joined, Some(3));
        let names = names(&graph(&daemon));
        assert!(
            !names.iter().any(|one| one == "[caches] save empty"),
            "{names:?}"
        );
    }

    #[tokio::test]
    async fn all_caches_of_the_file_are_exported_together() {
        let daemon = saving("kept\n0", "kept\n0");
        ask(&daemon, &[("target", "@caches")]).await.unwrap();
        let graph = graph(&daemon);
        let names = names(&graph);
        for name in ["[caches] save objects", "[caches] save empty"] {
            assert!(names.iter().any(|one| one == name), "{names:?}");
        }
        // The stages themselves aren't built.
        assert!(!names.iter().any(|one| one.contains("make")), "{names:?}");
        let (_, exec) = script(&graph, "objects-");
        let cache = exec.mounts.iter().find_map(|mount| mount.cache_opt.clone());
        assert_eq!(cache.unwrap().id, "objects");
        // Another build may find something else in them.
        let meta = exec.meta.unwrap();
        assert!(
            meta.env
                .iter()
                .any(|pair| pair.len() > "STAGEFILE_NONCE=".len()
                    && pair.starts_with("STAGEFILE_NONCE="))
        );
        assert_eq!(warnings(&daemon), [""; 0]);
    }

    #[tokio::test]
    async fn a_file_without_caches_has_nothing_to_export() {
        let daemon = daemon("stages: { app: { from: busybox:1.35, steps: [{ run: make }] } }\n");
        ask(&daemon, &[("target", "@caches")]).await.unwrap();
        assert_eq!(warnings(&daemon), ["no stage of the file uses a cache"]);
    }

    /// A daemon whose cache is as the program says of it.
    fn with(look: &str, fill: &str) -> Daemon {
        let daemon = daemon(FILE).result_of(LOOK, [(OUTCOME, look.to_owned())]);
        daemon.result_of(FILL, [(OUTCOME, fill.to_owned())])
    }

    /// Lists what of the caches' processes was asked for.
    fn asked(daemon: &Daemon) -> Vec<&'static str> {
        let graphs = daemon
            .solves()
            .into_iter()
            .filter_map(|solve| solve.definition);
        let names = graphs.flat_map(|graph| graph.metadata.into_values());
        let names: Vec<_> = names
            .filter_map(|mut one| one.description.remove("llb.customname"))
            .collect();
        [LOOK, FILL]
            .into_iter()
            .filter(|name| names.iter().any(|one| one == name))
            .collect()
    }

    #[tokio::test]
    async fn only_new_caches_are_filled_before_the_build() {
        let kept = with("kept", "");
        ask(&kept, &IMPORT).await.unwrap();
        assert_eq!(asked(&kept), [LOOK]);
        let new = with("new", "filled 3");
        ask(&new, &IMPORT).await.unwrap();
        assert_eq!(asked(&new), [LOOK, FILL]);
        assert_eq!(warnings(&new), [""; 0]);
        // What a build empties anyhow is left alone, and so is everything where no context is given.
        let emptied = with("new", "filled 3");
        ask(&emptied, &[IMPORT[0], ("no-cache", "app")])
            .await
            .unwrap();
        assert_eq!(asked(&emptied), [""; 0]);
        let without = with("new", "filled 3");
        ask(&without, &[]).await.unwrap();
        assert_eq!(asked(&without), [""; 0]);
    }

    #[tokio::test]
    async fn what_limits_leave_out_is_told() {
        let told = async |outcome: &str| {
            let daemon = saving(&format!("{outcome}\n0"), "new\n");
            let options = [
                ("target", "@caches"),
                ("build-arg:STAGEFILE_CACHES", "max-age=48h max-size=2g"),
            ];
            ask(&daemon, &options).await.unwrap();
            let graph = graph(&daemon);
            let arguments = script(&graph, "max-age=172800").1.meta.unwrap().args;
            assert!(arguments.contains(&"max-size=2147483648".to_owned()));
            // It is none of the presets whose files are of use alone.
            assert!(!arguments.contains(&"divisible".to_owned()));
            warnings(&daemon)
        };
        assert_eq!(told("kept").await, [""; 0]);
        assert_eq!(
            told("reduced 3 40").await,
            [
                "the cache `objects` is saved without its 3 oldest files, 40 bytes, by STAGEFILE_CACHES"
            ]
        );
        assert_eq!(
            told("left-out its files have 9 bytes").await,
            ["the cache `objects` isn't saved, by STAGEFILE_CACHES: its files have 9 bytes"]
        );
    }

    #[tokio::test]
    async fn presets_say_which_caches_can_be_divided() {
        let file =
            "stages: { app: { from: busybox:1.35, steps: [{ run: make, caches: [go] }] } }\n";
        let daemon = daemon(file);
        let options = [
            ("target", "@caches"),
            ("build-arg:STAGEFILE_CACHES", "max-size=1k"),
        ];
        // This daemon's program says nothing.
        let failure = ask(&daemon, &options).await.unwrap_err();
        assert!(failure.message().starts_with("open go-"), "{failure}");
        let graph = graph(&daemon);
        let divisible = |words: &str| {
            let arguments = script(&graph, words).1.meta.unwrap().args;
            arguments.contains(&"divisible".to_owned())
        };
        assert!(divisible("go-build-"));
        assert!(!divisible("go-modules-"));
    }

    #[tokio::test]
    async fn wrong_limits_are_mistakes() {
        for (words, expected) in [
            (
                "max-age=2d",
                "`max-age=2d`: it takes a duration such as 10m",
            ),
            (
                "max-size=2g max-size=2GB",
                "`max-size=2GB`: it takes a size in bytes",
            ),
            (
                "size=1",
                "`size=1`: it takes `max-age=DURATION` or `max-size=SIZE`",
            ),
        ] {
            let options = [("build-arg:STAGEFILE_CACHES", words)];
            let failure = ask(&daemon(FILE), &options).await.unwrap_err();
            let expected = format!("STAGEFILE_CACHES can't have {expected}");
            assert!(failure.message().starts_with(&expected), "{failure}");
        }
    }

    #[tokio::test]
    async fn of_several_platforms_one_has_the_archives() {
        let holders = async |platforms: &str| {
            let options = [("target", "@caches"), ("platform", platforms)];
            let result = ask(&saving("kept\n0", "new\n"), &options).await.unwrap();
            match result.result.unwrap() {
                wire::result::Result::Refs(map) => {
                    let mut held: Vec<(String, bool)> = map
                        .refs
                        .into_iter()
                        .map(|(platform, reference)| (platform, !reference.id.is_empty()))
                        .collect();
                    held.sort();
                    held
                }
                other => panic!("{other:?}"),
            }
        };
        let held = |pairs: [(&str, bool); 2]| pairs.map(|(one, has)| (one.to_owned(), has));
        assert_eq!(
            holders("linux/arm64,linux/amd64").await,
            held([("linux/amd64", true), ("linux/arm64", false)])
        );
        assert_eq!(
            holders("linux/s390x,linux/arm64").await,
            held([("linux/arm64", false), ("linux/s390x", true)])
        );
    }

    #[tokio::test]
    async fn archives_may_be_in_directories_of_platforms() {
        let new = with("new", "filled 3");
        ask(&new, &IMPORT).await.unwrap();
        let sources = new
            .solves()
            .into_iter()
            .filter_map(|solve| solve.definition);
        let followed = sources
            .flat_map(|graph| graph.def)
            .any(|bytes| String::from_utf8_lossy(&bytes).contains(&format!("*/{OUTCOME}.tar")));
        assert!(followed);
    }

    #[tokio::test]
    async fn a_build_goes_on_without_the_image_of_caches() {
        let daemon = daemon(FILE);
        let image = ("context:caches", "docker-image://example.com/caches");
        ask(&daemon, &[image]).await.unwrap();
        let warnings = warnings(&daemon);
        let [warning] = warnings.as_slice() else {
            panic!("{warnings:?}")
        };
        assert!(
            warning.starts_with("the context `caches` can't be had, so new caches stay empty: ")
                && warning.contains("example.com/caches"),
            "{warning}"
        );
    }

    #[tokio::test]
    async fn a_build_goes_on_if_the_archives_stop_in_the_middle() {
        let daemon = with("new", "filled 3").failure_of(FILL, Failure::new("short read"));
        ask(&daemon, &IMPORT).await.unwrap();
        let warnings = warnings(&daemon);
        let expected = "the context `caches` can't be had, so new caches stay empty: short read";
        assert_eq!(warnings, [expected]);
    }

    #[tokio::test]
    async fn what_came_of_an_archive_is_told() {
        let absent = with("new", "absent");
        ask(&absent, &IMPORT).await.unwrap();
        let expected =
            format!("the context `caches` has nothing for 1 of 1 new caches: {OUTCOME}.tar");
        assert_eq!(warnings(&absent), [expected]);
        let failure = ask(&with("new", "broken it ends early"), &IMPORT)
            .await
            .unwrap_err();
        assert!(
            failure
                .message()
                .starts_with("the cache `objects` can't be imported: "),
            "{failure}"
        );
        assert!(failure.message().ends_with(": it ends early"), "{failure}");
        assert_eq!(lines(&failure), [11]);
        let failure = ask(&with("new", "what"), &IMPORT).await.unwrap_err();
        assert_eq!(
            failure.message(),
            "the frontend's own program doesn't say what it did"
        );
    }
}
