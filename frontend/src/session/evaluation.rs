//! Builds that this frontend waits for, to explain failures better than the daemon does.
//!
//! The first failure ends a build, so only one of several failed assertions would be shown; and the error for a step that
//! needs an entitlement has no location.

use buildkit_gateway::{Failure, SolveRequest};
use buildkit_llb::Platform;
use futures_util::future::join_all;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::source::Sources;
use stagefile_lower::{Lowered, Permission};

use super::{Build, mistakes};

/// The maximum number of checks that are built concurrently; of the others, the first failure ends the build.
const MAX_CHECKS: usize = 32;

/// Builds the result and its checks now, all concurrently, and returns all failures as one error. Does nothing if the
/// daemon's own errors are sufficient.
pub(super) async fn evaluate(
    build: &Build<'_>,
    lowered: &Lowered,
    permissions: &[Permission],
    sources: &Sources,
    target: &Platform,
) -> Result<(), Failure> {
    if lowered.checks.len() < 2 && permissions.is_empty() {
        return Ok(());
    }
    let checks = lowered.checks.iter().take(MAX_CHECKS);
    let states = std::iter::once(&lowered.target.state).chain(checks);
    let graphs = states.map(|state| build.graph(state, sources, target));
    let graphs = graphs.collect::<Result<Vec<_>, _>>()?;
    let ended = join_all(graphs.into_iter().map(|graph| {
        let request = SolveRequest::definition(graph)
            .cache_imports(&build.options.cache_imports)
            .evaluate();
        build.client.solve(request)
    }));
    let failures = ended.await.into_iter().filter_map(Result::err);
    match merged(failures.map(Failure::from).collect()) {
        Some(failure) => Err(failure),
        None => Ok(()),
    }
}

/// Adds the location of a step that was refused because its entitlement isn't allowed.
pub(super) fn explained(
    failure: Failure,
    permissions: &[Permission],
    sources: &Sources,
) -> Failure {
    let refused = |one: &&Permission| failure.message().contains(one.refusal);
    let Some(one) = permissions.iter().find(refused) else {
        return failure;
    };
    let mut found = Diagnostics::default();
    found.push(diagnostics::not_allowed(
        one.key,
        &one.entitlement,
        one.span,
    ));
    mistakes::failure(sources, &found)
}

/// Combines the failures that have different causes into one error.
fn merged(failures: Vec<Failure>) -> Option<Failure> {
    let mut distinct: Vec<Failure> = Vec::new();
    for failure in failures {
        let cause = |one: &Failure| {
            one.vertex()
                .map_or_else(|| one.message().to_owned(), |vertex| vertex.to_string())
        };
        if distinct.iter().all(|other| cause(other) != cause(&failure)) {
            distinct.push(failure);
        }
    }
    if distinct.len() < 2 {
        return distinct.pop();
    }
    let messages: Vec<&str> = distinct.iter().map(Failure::message).collect();
    let all = format!("{} steps failed\n{}", distinct.len(), messages.join("\n"));
    let positions = distinct.iter().flat_map(Failure::positions);
    Some(positions.fold(Failure::new(all), |all, position| all.at(&position)))
}

#[cfg(test)]
mod tests {
    use buildkit_gateway::SourcePosition;
    use buildkit_llb::Digest;

    use super::*;
    use crate::session::tests::harness;

    fn failure(vertex: &str, message: &str) -> Failure {
        let place = SourcePosition::new("Stagefile", "YAML", message.to_owned()).lines(1, 1);
        Failure::new(message)
            .with_vertex(Digest::of(vertex.as_bytes()))
            .at(&place)
    }

    #[test]
    fn every_cause_is_said_once() {
        assert_eq!(merged(Vec::new()), None);
        let one = failure("sha256:aa", "exit code: 1");
        let twice = merged(vec![one.clone(), one.clone()]).unwrap();
        assert_eq!(twice, one);
        let other = failure("sha256:bb", "exit code: 2");
        let both = merged(vec![one.clone(), other, one]).unwrap();
        assert_eq!(both.message(), "2 steps failed\nexit code: 1\nexit code: 2");
        assert_eq!(both.positions().count(), 2);
    }

    const FILE: &str = "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: make
        network: host
    assert:
      commands:
        - run: first
        - run: second
";

    #[tokio::test]
    async fn all_assertions_that_do_not_hold_are_told_at_once() {
        let daemon = harness::daemon(FILE)
            .failure_of("[app] assert first", Failure::new("the first"))
            .failure_of("[app] assert second", Failure::new("the second"));
        let failure = harness::ask(&daemon, &[]).await.unwrap_err();
        assert_eq!(failure.message(), "2 steps failed\nthe first\nthe second");
        let mut lines = harness::lines(&failure);
        lines.sort_unstable();
        assert_eq!(lines, [10, 11]);
    }

    /// A single assertion is part of the result, and very many would be that many requests.
    #[tokio::test]
    async fn a_build_asks_for_some_checks_at_the_same_time() {
        for (count, expected) in [(1, 0), (2, 3), (40, 33)] {
            let commands = (0..count).map(|one| format!("{{ run: c{one} }}"));
            let commands = commands.collect::<Vec<_>>().join(", ");
            let file = format!(
                "stages: {{ app: {{ from: busybox:1.35, steps: [{{ run: make }}], assert: {{ commands: [{commands}] }} }} }}\n"
            );
            let daemon = harness::daemon(&file);
            harness::ask(&daemon, &[]).await.unwrap();
            let evaluated = daemon.solves().into_iter().filter(|solve| solve.evaluate);
            assert_eq!(evaluated.count(), expected, "{count}");
        }
    }

    #[tokio::test]
    async fn a_step_that_may_not_do_what_it_does_is_named() {
        let refusal = Failure::new("network.host is not allowed");
        let daemon = harness::daemon(FILE).failure_of("[app 1/1] run make", refusal);
        let failure = harness::ask(&daemon, &[]).await.unwrap_err();
        assert!(failure.message().contains("--allow"), "{failure}");
        assert_eq!(harness::lines(&failure), [6]);
    }
}
