//! Caches as files of the client's: `--target @caches` delivers them, the context `caches` fills new ones.

use std::collections::BTreeMap;

use buildkit_gateway::{BuildResult, Client, Failure, PlatformResult, Ref, SolveRequest};
use buildkit_llb::State;
use stagefile_language::plan::{CACHES_CONTEXT, CACHES_TARGET, context_name};
use stagefile_language::source::Sources;
use stagefile_lower::{CacheDirectory, Needs, Runner, Transfer};
use stagefile_runner::cache::Outcome;

use super::{Build, marshalling, mistakes, runner};
use crate::tools::verbs::Verb;

/// The longest file that says what came of a cache; a longer one is none of ours.
const LONGEST_OUTCOME: u64 = 64 << 10;

/// Makes the answer to a build of `@caches`: an archive of each cache that any stage uses for any of the platforms, unless it is new.
///
/// There is one result for all platforms, so that a directory of archives looks the same for every build.
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
    let archives: Vec<State> = caches.values().map(|cache| transfer.save(cache)).collect();
    let reference = processes.solve(&archives, |request| request).await?;
    Ok(BuildResult::single(
        &build.native,
        PlatformResult::new(reference),
    ))
}

/// Fills the caches of a build that are new from the archives of the client, if it has any.
///
/// This is over before the build begins. Nothing of it becomes a part of what steps depend on.
pub(super) async fn import(
    build: &Build<'_>,
    caches: &[CacheDirectory],
    sources: &Sources,
) -> Result<(), Failure> {
    let native = Some(&build.native);
    let Some(context) = build.contexts.named(CACHES_CONTEXT, native).await? else {
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
    let states = processes.outcomes(&looks, &caches).await?;
    let new: Vec<&CacheDirectory> = caches
        .into_iter()
        .zip(states)
        .filter(|(_, state)| *state == Outcome::New)
        .map(|(cache, _)| cache)
        .collect();
    let names = new.iter().map(|cache| cache.archive());
    let archives = context.files.with_paths(names);
    let fills: Vec<State> = new
        .iter()
        .map(|cache| transfer.fill(cache, &archives))
        .collect();
    let outcomes = processes.outcomes(&fills, &new).await?;
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
            Outcome::New | Outcome::Kept | Outcome::Filled { .. } => {}
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
    async fn outcomes(
        &self,
        directories: &[State],
        caches: &[&CacheDirectory],
    ) -> Result<Vec<Outcome>, Failure> {
        if directories.is_empty() {
            return Ok(Vec::new());
        }
        let reference = self.solve(directories, SolveRequest::evaluate).await?;
        let no_answer = || Failure::new("the frontend's own program doesn't say what it did");
        let reference = reference.ok_or_else(no_answer)?;
        let mut outcomes = Vec::new();
        for cache in caches {
            let text = reference
                .read_file_up_to(&cache.file, LONGEST_OUTCOME)
                .await?;
            let outcome = Outcome::parse(&String::from_utf8_lossy(&text));
            outcomes.push(outcome.ok_or_else(no_answer)?);
        }
        Ok(outcomes)
    }
}

impl Build<'_> {
    /// Tells whether the client asks for the caches rather than for a stage.
    pub(super) fn exports_caches(&self) -> bool {
        self.options.target.as_deref() == Some(CACHES_TARGET)
    }

    /// Tells whether the client gives a context of caches.
    fn imports_caches(&self) -> bool {
        let mut keys = self.options.named_contexts.keys();
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
    use buildkit_gateway::testkit::Daemon;

    use crate::session::asking::{ask, daemon, graph, lines, names, script, warnings};

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
    const IMPORT: [(&str, &str); 1] = [("context:caches", "local:caches")];

    #[tokio::test]
    async fn all_caches_of_the_file_are_exported_together() {
        let daemon = daemon(FILE);
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
