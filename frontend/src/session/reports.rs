//! Reports of a stage, which are returned whether or not its scripts succeed.
//!
//! The stage is built as usual, so that successful steps are shared with other builds, and failures aren't cached. After a
//! failure, its files exist until this build ends; a container copies the reports out of them, see
//! [`runner::reports`](stagefile_runner::reports).

use buildkit_gateway::capability::table;
use buildkit_gateway::container::{self, Container, ContainerRequest, ProcessRequest};
use buildkit_gateway::{Error, Failure, PlatformResult, Ref, SolveRequest};
use buildkit_llb::{MarshalOptions, Network, Platform, Sharing, State};
use futures_util::future::try_join_all;
use stagefile_language::diagnostic::{Diagnostics, Rules};
use stagefile_language::diagnostics;
use stagefile_language::source::{Sources, Span};
use stagefile_lower::{Lowered, Reported, Runner, Saved, SourceMaps, side_by_side};
use stagefile_runner::reports::KEEP;
use stagefile_runner::reserved::{REPORTS, RUNNER};

use super::{Build, marshalling, mistakes, nonce, runner};

/// The prefix for the IDs of caches through which reports of failed scripts are passed. Each has its own cache, so that no
/// other build can read them.
const CACHE_ID: &str = "stagefile-reports/";
/// The message for a failure without reports on an old daemon.
const NOTHING_KEPT: &str = "this daemon keeps nothing of a script that failed, so there are no reports of it; newer ones do";

/// The reports of a stage.
struct Delivery {
    state: State,
    missing: Vec<Missing>,
    failed: Option<Failed>,
}

/// A report that can't be returned.
struct Missing {
    name: String,
    /// The reason; empty if there is nothing at its path.
    reason: String,
}

/// A failed script.
struct Failed {
    exit_code: u32,
    span: Span,
    /// Keeps the cache in use until the reports are copied.
    container: Container,
}

/// Builds the stages with reports for a platform, and returns a directory of the reports.
pub(super) async fn deliver(
    build: &Build<'_>,
    sources: &Sources,
    rules: &Rules,
    lowered: &Lowered,
    target: &Platform,
) -> Result<PlatformResult, Failure> {
    let source_maps = SourceMaps::new(sources, build.file.source_map().clone());
    let collector = Collector {
        build,
        source_maps: &source_maps,
        options: marshalling(build.client, target),
    };
    let stages = lowered.reported.iter();
    let deliveries = try_join_all(stages.map(|stage| collector.delivery(stage))).await?;
    let mut found = Diagnostics::under(rules.clone());
    let mut parts = Vec::new();
    let mut containers = Vec::new();
    for (stage, delivery) in lowered.reported.iter().zip(deliveries) {
        for report in &stage.reports {
            let (name, path) = (&report.name, &report.path);
            let missing = delivery.missing.iter().find(|one| one.name == *name);
            if let Some(Missing { reason, .. }) = missing {
                let stage = &stage.stage;
                found.push(diagnostics::missing_report(
                    stage,
                    name,
                    path,
                    reason,
                    report.span,
                ));
            }
        }
        if let Some(failed) = delivery.failed {
            let code = failed.exit_code;
            found.push(diagnostics::failed_script(&stage.stage, code, failed.span));
            containers.push(failed.container);
        }
        parts.push((stage, delivery.state));
    }
    if found.has_errors() {
        return Err(mistakes::failure(sources, &found));
    }
    let reference = collector.solve(&side_by_side(parts, &source_maps)).await?;
    for container in containers {
        container.release().await?;
    }
    mistakes::warn(build, sources, &found).await;
    Ok(PlatformResult::new(reference).config(&lowered.target.config))
}

/// Collects reports on one platform.
struct Collector<'a> {
    build: &'a Build<'a>,
    source_maps: &'a SourceMaps<'a>,
    options: MarshalOptions,
}

impl Collector<'_> {
    /// Builds a stage, and determines where its reports are.
    async fn delivery(&self, stage: &Reported) -> Result<Delivery, Failure> {
        let failure = match self.solve(&stage.files).await {
            Ok(files) => return self.of_success(stage, files).await,
            Err(error) => Failure::from(error),
        };
        let vertex = failure.vertex();
        let script = vertex.and_then(|vertex| stage.script(&vertex, &self.options));
        // If something else failed, such as a required stage, there are no reports of this one.
        let (Some(script), Some(exit_code)) = (script, exit_code(&failure)) else {
            return Err(failure);
        };
        // The root is the first mount, since they are sorted.
        let kept = failure.solve();
        let root = kept.and_then(|kept| kept.mount_ids.into_iter().next());
        let has_containers = self
            .build
            .client
            .capabilities()
            .gateway
            .supports(&table::EXEC);
        let Some(root) = root.filter(|root| has_containers && !root.is_empty()) else {
            return Err(failure.context(NOTHING_KEPT));
        };
        let runner = runner::native()?;
        let namespace = self.build.options.cache_mount_namespace.as_deref();
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        let namespace = namespace.map_or_else(String::new, |namespace| format!("{namespace}/"));
        let cache = format!("{namespace}{CACHE_ID}{}", nonce::nonce());
        let keeping = self.keep(stage, &root, &runner, &cache);
        let (container, missing) = match keeping.await {
            Ok(kept) => kept,
            Err(error) => return Err(error.context("can't keep the reports of a failed stage")),
        };
        let saved = Saved {
            cache: &cache,
            native: &self.build.native,
        };
        let failed = Failed {
            exit_code,
            span: script.span,
            container,
        };
        Ok(Delivery {
            state: stage.saved(&runner, &saved, exit_code, self.source_maps),
            missing,
            failed: Some(failed),
        })
    }

    /// Determines which reports a successful stage has.
    async fn of_success(&self, stage: &Reported, files: Option<Ref>) -> Result<Delivery, Failure> {
        let mut missing = Vec::new();
        for report in &stage.reports {
            let is_there = match &files {
                Some(files) => is_there(files, &report.path).await?,
                None => false,
            };
            if !is_there {
                missing.push(Missing {
                    name: report.name.clone(),
                    reason: String::new(),
                });
            }
        }
        let names: Vec<&str> = missing.iter().map(|one| one.name.as_str()).collect();
        Ok(Delivery {
            state: stage.delivered(&names, self.source_maps),
            missing,
            failed: None,
        })
    }

    /// Copies the reports from the files of a failed script to a cache. Returns the container, and the reports that can't be
    /// copied.
    ///
    /// The program runs inside these files, so that links in them have the same targets as in the script.
    async fn keep(
        &self,
        stage: &Reported,
        root: &str,
        runner: &Runner,
        cache: &str,
    ) -> Result<(Container, Vec<Missing>), Failure> {
        let program = self.solve(&runner.state).await?;
        let program = container::Mount::bind(RUNNER, program).selector(&runner.path);
        let cache = container::Mount::cache(REPORTS, cache, Sharing::Shared);
        let request = ContainerRequest::from_failure(root)
            .mount(program.read_only())
            .mount(cache)
            .network(Network::None);
        let container = self.build.client.new_container(request).await?;
        let files = stage.reports.iter();
        let files = files.map(|report| format!("{}={}", report.name, report.path));
        let words = [RUNNER, KEEP].map(str::to_owned).into_iter();
        let ended = container
            .run(ProcessRequest::new(words.chain(files)))
            .await?;
        if ended.exit_code != 0 {
            // The message of our program is more helpful than its failure.
            let said = String::from_utf8_lossy(&ended.stderr);
            return Err(Failure::new(match said.trim() {
                "" => ended.reason,
                said => said.to_owned(),
            }));
        }
        let missing = String::from_utf8_lossy(&ended.stdout);
        let missing = missing.lines().filter_map(|line| line.split_once(' '));
        let missing = missing.map(|(name, reason)| Missing {
            name: name.to_owned(),
            reason: reason.to_owned(),
        });
        Ok((container, missing.collect()))
    }

    /// Builds a graph.
    async fn solve(&self, state: &State) -> Result<Option<Ref>, Error> {
        let definition = state.marshal(&self.options);
        let request = SolveRequest::definition(&definition)
            .cache_imports(&self.build.options.cache_imports)
            .evaluate();
        let solved = self.build.client.solve(request).await?;
        Ok(solved.single_reference().cloned())
    }
}

/// Returns the exit code of a script, which some daemons only report in a message. `None` means that it never ran.
fn exit_code(failure: &Failure) -> Option<u32> {
    let words = || failure.message().rsplit_once("exit code: ")?.1.parse().ok();
    failure.exit_code().or_else(words)
}

/// Reports whether a path exists; it doesn't if a parent is a file, or if its links form a cycle.
async fn is_there(files: &Ref, path: &str) -> Result<bool, Error> {
    match files.stat_file(path).await {
        Ok(_) => Ok(true),
        // The files exist, so any error of the daemon is about the path.
        Err(error) if error.failure().is_some() => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::Failure;
    use buildkit_gateway::testkit::{Daemon, Process};

    use super::RUNNER;
    use crate::session::tests::harness::{self, ask, graph, names, warnings};

    const FILE: &str = "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: make first
      - run: make test
    reports: { junit: /results, log: /log.txt }
";
    const STEP: &str = "[test 2/2] run make test";
    const WANTED: [(&str, &str); 1] = [("target", "test@reports")];

    /// Returns a daemon on which a step fails like this, with this output of our program about the reports.
    fn daemon(step: &str, failure: Failure, said: Process) -> Daemon {
        harness::daemon(FILE)
            .failure_of(step, failure)
            .process(RUNNER, said)
    }

    #[tokio::test]
    async fn reports_of_a_script_that_failed_are_delivered_with_its_exit_code() {
        // Old daemons report the code only in a message.
        for failure in [
            Failure::new("it failed").with_exit_code(3),
            Failure::new("process \"make test\" did not complete successfully: exit code: 3"),
        ] {
            let failure = failure.with_kept_mounts(["kept", "other"]);
            let said = Process::new().stdout("log it leads in a circle\n");
            let daemon = daemon(STEP, failure, said);
            ask(&daemon, &WANTED).await.unwrap();
            let names = names(&graph(&daemon));
            let delivered = "[test] reports, though the stage failed with exit code 3";
            assert!(names.iter().any(|name| name == delivered), "{names:?}");
            assert!(!names.iter().any(|name| name == STEP), "{names:?}");
            let warnings = warnings(&daemon).join("\n");
            for words in ["log", "it leads in a circle", "exit code 3", "(line 7)"] {
                assert!(warnings.contains(words), "{words}: {warnings}");
            }
            assert!(!warnings.contains("junit"), "{warnings}");
        }
    }

    #[tokio::test]
    async fn a_failure_of_which_nothing_is_kept_ends_the_build() {
        let failure = Failure::new("exit code: 3").with_exit_code(3);
        let answered = ask(&daemon(STEP, failure, Process::new()), &WANTED).await;
        let message = answered.unwrap_err().message().to_owned();
        assert!(
            message.contains("this daemon keeps nothing of a script"),
            "{message}"
        );
        // A script that never ran has no reports either.
        let failure = Failure::new("no space left").with_kept_mounts(["kept"]);
        let answered = ask(&daemon(STEP, failure, Process::new()), &WANTED).await;
        assert_eq!(answered.unwrap_err().message(), "no space left");
    }

    #[tokio::test]
    async fn what_our_program_says_of_its_own_failure_is_told() {
        let failure = Failure::new("exit code: 3")
            .with_exit_code(3)
            .with_kept_mounts(["kept"]);
        let said = Process::new()
            .exit_code(1)
            .stderr("can't write: disk full\n");
        let failure = ask(&daemon(STEP, failure, said), &WANTED)
            .await
            .unwrap_err();
        let expected = "can't keep the reports of a failed stage: can't write: disk full";
        assert_eq!(failure.message(), expected);
    }

    #[tokio::test]
    async fn reports_that_a_stage_which_succeeded_lacks_are_named() {
        let daemon = harness::daemon(FILE).result_of(STEP, [("results/a.xml", "")]);
        ask(&daemon, &WANTED).await.unwrap();
        let warnings = warnings(&daemon).join("\n");
        assert!(
            warnings.contains("`log`") && !warnings.contains("junit"),
            "{warnings}"
        );
    }
}
