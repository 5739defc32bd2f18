//! Requests of tests: the whole frontend, with the test kit's daemon.

use buildkit_gateway::testkit::Daemon;
use buildkit_gateway::{Environment, Failure};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::Op;
use prost::Message as _;

use super::answer;

/// Has a request with these options answered.
pub(super) async fn ask(
    daemon: &Daemon,
    options: &[(&str, &str)],
) -> Result<wire::Result, Failure> {
    let environment = Environment::default().with_options(options.iter().copied());
    let outcome = daemon.serve(&environment, answer).await;
    outcome.expect("an end").into_result()
}

/// Lists what was warned of, each in one line.
pub(super) fn warnings(daemon: &Daemon) -> Vec<String> {
    let warnings = daemon.warnings().into_iter();
    let short = warnings.map(|warning| String::from_utf8_lossy(&warning.short).into_owned());
    short.collect()
}

/// Returns the operations of the last graph that the daemon was given.
pub(super) fn operations(daemon: &Daemon) -> Vec<Op> {
    let solves = daemon.solves();
    let graph = solves.iter().rev().find_map(|it| it.definition.as_ref());
    let operations = graph.expect("a graph").def.iter();
    let operations = operations.map(|bytes| Op::decode(bytes.clone()));
    operations.collect::<Result<_, _>>().expect("operations")
}
