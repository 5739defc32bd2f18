//! Test requests: the whole frontend, with the test kit's daemon.

use std::sync::Once;

use buildkit_gateway::testkit::Daemon;
use buildkit_gateway::{Environment, Failure};
use buildkit_llb::{Definition, Graph, GraphVertex};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{ExecOp, Op, file_action, op};
use prost::Message as _;
use serde_json::Value;

use crate::session::answer;

/// The image in test files, as in a graph after it is resolved.
pub(in crate::session) const IMAGE: &str = "docker-image://docker.io/library/busybox:1.35@sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// Returns a daemon with a file, and with the image `busybox:1.35`, which sets an environment variable and a user.
pub(in crate::session) fn daemon(file: &str) -> Daemon {
    daemon_of("Stagefile", file)
}

/// Returns the same with a file of another name.
pub(in crate::session) fn daemon_of(filename: &'static str, file: &str) -> Daemon {
    let config = r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"],"User":"65532"},"rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#;
    let (_, digest) = IMAGE.split_once('@').expect("a digest");
    let name = "docker.io/library/busybox:1.35";
    Daemon::new()
        .local("dockerfile", [(filename, file.to_owned())])
        .image(name, digest, config)
        .image_for(
            name,
            "linux/arm64",
            digest,
            config.replace("amd64", "arm64"),
        )
}

/// Returns the config of the resulting image.
pub(in crate::session) fn config(result: &wire::Result) -> Value {
    serde_json::from_slice(&result.metadata["containerimage.config"]).expect("a config")
}

/// Returns the lines of a failure's positions.
pub(in crate::session) fn lines(failure: &Failure) -> Vec<i32> {
    let ranges = failure.positions().flat_map(|position| position.ranges);
    ranges.map(|range| range.start.line).collect()
}

/// The content of the program for steps in tests.
pub(in crate::session) const PROGRAM: &str = "program";

/// Installs the program for steps where builds look for it if the daemon doesn't report the image that they were started from:
/// next to this one.
fn bring_program_along() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let own = std::env::current_exe().expect("a path");
        std::fs::write(own.with_file_name("stagefile-run"), PROGRAM).expect("a file");
    });
}

/// Answers a request with these options.
pub(in crate::session) async fn ask(
    daemon: &Daemon,
    options: &[(&str, &str)],
) -> Result<wire::Result, Failure> {
    bring_program_along();
    let environment = Environment::default().with_options(options.iter().copied());
    let outcome = daemon.serve(&environment, answer).await;
    outcome.expect("an end").into_result()
}

/// Returns the warnings, each in one line.
pub(in crate::session) fn warnings(daemon: &Daemon) -> Vec<String> {
    let warnings = daemon.warnings().into_iter();
    let short = warnings.map(|warning| String::from_utf8_lossy(&warning.short).into_owned());
    short.collect()
}

/// Returns the last graph that the daemon got.
pub(in crate::session) fn graph(daemon: &Daemon) -> Graph {
    let solves = daemon.solves();
    let graph = solves.iter().rev().find_map(|it| it.definition.clone());
    let definition = Definition::try_from(graph.expect("a graph")).expect("a definition");
    Graph::read(&definition).expect("a graph")
}

/// Returns the operations of the last graph that the daemon got.
pub(in crate::session) fn operations(daemon: &Daemon) -> Vec<Op> {
    graph(daemon).vertices().iter().map(operation).collect()
}

pub(in crate::session) fn operation(vertex: &GraphVertex) -> Op {
    Op::decode(vertex.bytes().clone()).expect("an operation")
}

/// Returns the names of a graph's vertices.
pub(in crate::session) fn names(graph: &Graph) -> Vec<String> {
    graph.vertices().iter().map(GraphVertex::name).collect()
}

/// Returns the script with these words in its arguments, and its vertex.
pub(in crate::session) fn script<'g>(graph: &'g Graph, words: &str) -> (&'g GraphVertex, ExecOp) {
    let mut execs = graph.vertices().iter().filter_map(|vertex| {
        let op::Op::Exec(exec) = operation(vertex).op? else {
            return None;
        };
        let has_words = exec.meta.as_ref()?.args.concat().contains(words);
        has_words.then_some((vertex, exec))
    });
    execs.next().expect("the script")
}

/// Returns the content of the file mounted at a path of a script.
pub(in crate::session) fn mounted(graph: &Graph, words: &str, path: &str) -> String {
    let (vertex, exec) = script(graph, words);
    let mount = exec.mounts.iter().find(|mount| mount.dest == path);
    let input = usize::try_from(mount.expect("the mount").input).expect("an input");
    let (made, _) = graph.inputs_of(vertex).nth(input).expect("the input");
    let Some(op::Op::File(file)) = operation(made).op else {
        panic!("{}", made.name())
    };
    match &file.actions[0].action {
        Some(file_action::Action::Mkfile(file)) => {
            String::from_utf8(file.data.to_vec()).expect("text")
        }
        other => panic!("{other:?}"),
    }
}
