//! Tests of the requests that a build of a Dockerfile sends to the daemon, and of its errors.

use std::time::Duration;

use buildkit_gateway::Failure;
use buildkit_gateway::testkit::{Call, Daemon, Fault, Method};
use buildkit_proto::ops::{ExecOp, op};
use buildkit_proto::worker::WorkerRecord;

use crate::session::tests::harness::{ask, graph, lines, operations, warnings};

const DIGEST: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
/// The config of an image with a layer; an image without layers counts as empty.
const CONFIG: &str =
    r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#;

/// Returns a daemon with a file and an image, but without a directory for the build context.
fn without_context(text: &str) -> Daemon {
    Daemon::new()
        .local("dockerfile", [("Dockerfile", text.to_owned())])
        .image("docker.io/library/base:latest", DIGEST, CONFIG)
        .failing_source(
            "local://context",
            Failure::new("no access allowed to dir \"context\""),
        )
}

async fn problem(daemon: &Daemon, options: &[(&str, &str)]) -> Failure {
    ask(daemon, options).await.expect_err("a mistake")
}

/// Whether an `ADD` needs the context may depend on the value of a variable.
#[tokio::test]
async fn a_context_that_is_not_there_matters_only_to_those_that_use_it() {
    let from_server = "ARG FROM=https://example.com\nFROM base\nARG FROM\nADD $FROM/file /\n";
    for text in [
        "FROM base\n",
        "FROM base\nRUN --mount=type=tmpfs,target=/t true\n",
        from_server,
    ] {
        let daemon = without_context(text);
        let answered = ask(&daemon, &[]).await;
        assert!(answered.is_ok(), "{text}{answered:?}");
    }
    for text in [
        "FROM base\nCOPY file /\n",
        "FROM base\nRUN --mount=target=/m true\n",
    ] {
        let failure = problem(&without_context(text), &[]).await;
        let message = failure.message();
        assert!(message.contains("no access allowed"), "{text}{message}");
    }
    // An SBOM can't cover files that don't exist.
    let scans = [("build-arg:BUILDKIT_SBOM_SCAN_CONTEXT", "true")];
    let text = "ARG BUILDKIT_SBOM_SCAN_CONTEXT\nFROM base\n";
    let failure = problem(&without_context(text), &scans).await;
    assert!(failure.message().contains("no access allowed"), "{failure}");
}

/// The provenance of an image lists the directories that were used.
#[tokio::test]
async fn the_ignore_file_is_read_whether_or_not_the_context_is_used() {
    let daemon = Daemon::new()
        .local("dockerfile", [("Dockerfile", "FROM base\n")])
        .image("docker.io/library/base:latest", DIGEST, CONFIG);
    ask(&daemon, &[]).await.unwrap();
    let calls = daemon.calls();
    let read = calls.iter().filter(|call| match call {
        Call::ReadFile(request) => request.file_path == ".dockerignore",
        _ => false,
    });
    assert_eq!(read.count(), 1);
}

/// Builds for several platforms run concurrently, and end at the same mistake.
#[tokio::test(start_paused = true)]
async fn what_was_found_is_told_before_any_platforms_build_ends() {
    for text in [
        "FROM base as one\nMAINTAINER me\nCOPY --nothing a /\n",
        "FROM base as one\nMAINTAINER me\nSTOPSIGNAL nothing\n",
    ] {
        let daemon = Daemon::new()
            .local("dockerfile", [("Dockerfile", text)])
            .image("docker.io/library/base:latest", DIGEST, CONFIG)
            .fault(Method::Warn, Fault::Delay(Duration::from_secs(1)));
        let platforms = [("platform", "linux/amd64,linux/arm64,linux/s390x")];
        _ = problem(&daemon, &platforms).await;
        let warnings = warnings(&daemon);
        assert_eq!(warnings.len(), 2, "{text}{warnings:?}");
        assert!(warnings[0].starts_with("FromAsCasing"), "{warnings:?}");
        assert!(
            warnings[1].starts_with("MaintainerDeprecated"),
            "{warnings:?}"
        );
    }
}

#[tokio::test]
async fn an_empty_input_is_no_dockerfile() {
    let nothing = buildkit_proto::ops::Definition::default();
    let daemon = Daemon::new()
        .input("dockerfile", nothing.clone())
        .input("context", nothing);
    let failure = problem(&daemon, &[]).await;
    let words = "invalid nil input definition to definition op";
    assert!(failure.message().contains(words), "{failure}");
}

/// Tools that show an error trace it from there.
#[tokio::test]
async fn an_error_says_how_the_file_was_loaded() {
    let daemon = without_context("FROM base\nENV\n");
    _ = problem(&daemon, &[]).await;
    let calls = daemon.calls();
    let returned = calls.iter().find_map(|call| match call {
        Call::Return(request) => request.error.as_ref(),
        _ => None,
    });
    let details = &returned.unwrap().details;
    let [place] = details.as_slice() else {
        panic!("{details:?}");
    };
    let place: serde_json::Value = serde_json::from_slice(&place.value).unwrap();
    assert_eq!(place["ranges"][0]["start"]["line"], 2);
    let graph = &place["info"]["definition"];
    assert_eq!(graph["def"].as_array().unwrap().len(), 2);
}

/// A platform from a variable that isn't set.
#[tokio::test]
async fn a_platform_is_refused_in_dockers_words() {
    let text = "ARG MY_ARCH=amd64\nFROM --platform=linux/${MYARCH} base\n";
    let failure = problem(&without_context(text), &[]).await;
    assert_eq!(
        failure.message(),
        r#"failed to parse platform linux/${MYARCH}: "" is an invalid component of "linux/": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument (did you mean MY_ARCH?)"#
    );
}

/// The dependencies of a stage may be needed by others in any order.
#[tokio::test]
async fn every_stage_has_its_base_whoever_needs_it_first() {
    let stages = [
        "FROM base AS first\nRUN first\n",
        "FROM first AS second\nRUN second\n",
        "FROM second AS third\nCOPY --from=first /a /b\nRUN third\n",
        "FROM base AS fourth\nRUN --mount=from=third,target=/m fourth\n",
    ];
    let names = ["first", "second", "third", "fourth"];
    // The last stage needs the others, in every order of four.
    let all = (0..256_usize).map(|code| [code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6]);
    for order in all.filter(|order| (0..4).all(|index| order.contains(&index))) {
        let mut text = stages.concat();
        text.push_str("FROM second\n");
        for index in order {
            text += &["COPY --from=", names[index], " /x /\n"].concat();
        }
        let daemon = without_context(&text);
        ask(&daemon, &[]).await.unwrap();
        for operation in operations(&daemon) {
            let is_source = matches!(operation.op, Some(op::Op::Source(_)));
            assert!(
                is_source || !operation.inputs.is_empty(),
                "{operation:?} is based on nothing:\n{text}"
            );
            if let Some(op::Op::Exec(exec)) = &operation.op {
                let root = exec.mounts.iter().find(|mount| mount.dest == "/");
                assert_eq!(root.map(|root| root.input), Some(0), "{text}");
            }
            if let Some(op::Op::File(file)) = &operation.op {
                let copies = file.actions.iter();
                let bases: Vec<i64> = copies.map(|action| action.input).collect();
                assert_eq!(bases, [0], "{text}");
            }
        }
    }
}

fn execs(daemon: &Daemon) -> Vec<ExecOp> {
    let operations = operations(daemon).into_iter();
    let execs = operations.filter_map(|operation| match operation.op {
        Some(op::Op::Exec(exec)) => Some(exec),
        _ => None,
    });
    execs.collect()
}

/// On older daemons, this frontend leaves out the same features as Docker's.
#[tokio::test]
async fn daemons_that_lack_a_capability_get_the_same_without_it() {
    let text = "FROM base\nCOPY --link file /linked\n\
        RUN --mount=target=/m,rw --device=vendor.com/device=1 true\n";
    let options = [
        ("ulimit", "nofile=10:20"),
        ("shm-size", "1000"),
        ("cgroup-parent", "/group"),
        ("memory", "1000000"),
    ];
    let lacking = async |ids: &[&str]| {
        let daemon = Daemon::new()
            .local("dockerfile", [("Dockerfile", text)])
            .image("docker.io/library/base:latest", DIGEST, CONFIG)
            .without(ids.iter().copied());
        let answered = ask(&daemon, &options).await;
        assert!(answered.is_ok(), "{ids:?}: {answered:?}");
        daemon
    };
    let merges = |daemon: &Daemon| {
        let operations = operations(daemon).into_iter();
        let merges = operations.filter(|it| matches!(it.op, Some(op::Op::Merge(_))));
        merges.count()
    };
    let mount = |exec: &ExecOp, place: &str| {
        let mut mounts = exec.mounts.iter();
        mounts.find(|mount| mount.dest == place).cloned()
    };

    let all = lacking(&[]).await;
    let exec = execs(&all).remove(0);
    let meta = exec.meta.clone().unwrap();
    assert_eq!(merges(&all), 1);
    assert_eq!(mount(&exec, "/m").unwrap().output, -1);
    assert!(mount(&exec, "/dev/shm").is_some());
    assert_eq!((meta.ulimit.len(), exec.cdi_devices.len()), (1, 1));
    assert_eq!(meta.cgroup_parent, "/group");

    let old = lacking(&["mergeop"]).await;
    assert_eq!(merges(&old), 0);
    let copies = operations(&old);
    let mut copies = copies.iter().filter(|it| match &it.op {
        Some(op::Op::File(file)) => file.actions[0].input == 0,
        _ => false,
    });
    assert!(copies.next().is_some(), "the copy isn't on top of the base");
    let old = execs(&lacking(&["exec.mount.bind.readwrite-nooutput"]).await).remove(0);
    assert_ne!(mount(&old, "/m").unwrap().output, -1);
    let old = execs(&lacking(&["exec.mount.tmpfs.size"]).await).remove(0);
    assert_eq!(mount(&old, "/dev/shm"), None);
    let old = execs(&lacking(&["exec.meta.ulimit"]).await).remove(0);
    assert!(old.meta.unwrap().ulimit.is_empty());
    let old = execs(&lacking(&["exec.meta.cdi"]).await).remove(0);
    assert!(old.cdi_devices.is_empty());
    let old = execs(&lacking(&["exec.meta.cgroup.parent"]).await).remove(0);
    assert_eq!(old.meta.unwrap().cgroup_parent, "");
}

/// Features without a fallback are refused, with their location.
#[tokio::test]
async fn daemons_that_lack_what_is_needed_are_named() {
    for (id, instruction) in [
        ("exec.meta.network", "RUN --network=none true"),
        ("exec.mount.ssh", "RUN --mount=type=ssh true"),
        (
            "source.git.checksum",
            "ADD https://example.com/x.git?checksum=c0ffee /",
        ),
        (
            "source.http.checksum",
            "ADD --checksum=sha256:0000000000000000000000000000000000000000000000000000000000000000 https://example.com/x /",
        ),
    ] {
        let daemon = without_context(&format!("FROM base\n{instruction}\n")).without([id]);
        let failure = problem(&daemon, &[]).await;
        let lines: Vec<i32> = failure
            .positions()
            .flat_map(|position| position.ranges)
            .map(|range| range.start.line)
            .collect();
        assert!(failure.message().contains(id), "{failure}");
        assert_eq!(lines, [2], "{failure}");
    }
}

/// If there are several, the first in the file is named.
#[tokio::test]
async fn of_what_a_daemon_lacks_the_first_is_named() {
    let text = "FROM base\nRUN --network=none one\nRUN --network=none two\nRUN three\n";
    let daemon = without_context(text).without(["exec.meta.network"]);
    let failure = problem(&daemon, &[]).await;
    assert_eq!(lines(&failure), [2]);
}

/// Windows paths are only supported by the daemon's own frontend.
#[tokio::test]
async fn builds_for_windows_are_handed_on() {
    let handed_on = async |options: &[(&str, &str)]| {
        let daemon = without_context("FROM base\n");
        ask(&daemon, options).await.unwrap();
        let mut solves = daemon.solves().into_iter();
        solves.any(|solve| solve.frontend == "dockerfile.v0")
    };
    assert!(handed_on(&[("platform", "windows/amd64")]).await);
    assert!(handed_on(&[("platform", "linux/amd64,windows/amd64")]).await);
    assert!(!handed_on(&[("platform", "linux/amd64")]).await);

    // The default is the daemon's platform.
    let mut worker = WorkerRecord::default();
    worker.platforms.push(buildkit_proto::ops::Platform {
        os: "windows".to_owned(),
        architecture: "amd64".to_owned(),
        ..buildkit_proto::ops::Platform::default()
    });
    let daemon = without_context("FROM base\n").workers(vec![worker]);
    ask(&daemon, &[]).await.unwrap();
    assert_eq!(daemon.solves().pop().unwrap().frontend, "dockerfile.v0");
}

/// If the client started this frontend because the file names it, that was intended.
#[tokio::test]
async fn a_file_for_this_very_frontend_is_not_handed_on() {
    let text = "# syntax=example/frontend:1\nFROM base\n";
    for (source, is_handed_on) in [("example/frontend:1", false), ("example/other", true)] {
        let daemon = without_context(text);
        ask(&daemon, &[("source", source)]).await.unwrap();
        let mut solves = daemon.solves().into_iter();
        let found = solves.any(|solve| solve.frontend == "gateway.v0");
        assert_eq!(found, is_handed_on, "{source}");
    }
}

async fn json(daemon: &Daemon, options: &[(&str, &str)]) -> serde_json::Value {
    let answer = ask(daemon, options).await.unwrap();
    serde_json::from_slice(&answer.metadata["result.json"]).unwrap()
}

/// Docker's frontend ignores the requested platform for these subrequests.
#[tokio::test]
async fn check_and_outline_are_of_the_daemons_own_platform() {
    let text = "ARG TARGETARCH\nFROM base:${TARGETARCH} as one\n";
    for request in ["frontend.lint", "frontend.outline"] {
        let daemon = without_context(text)
            .image("docker.io/library/base:amd64", DIGEST, CONFIG)
            .image("docker.io/library/base:s390x", DIGEST, CONFIG);
        let options = [("requestid", request), ("platform", "linux/s390x")];
        ask(&daemon, &options).await.unwrap();
        let calls = daemon.calls();
        let asked = calls.iter().filter_map(|call| match call {
            Call::ResolveSourceMeta(request) => request.source.as_ref(),
            _ => None,
        });
        let asked: Vec<&str> = asked.map(|source| source.identifier.as_str()).collect();
        let native = buildkit_llb::Platform::host().architecture;
        assert_eq!(
            asked,
            [format!("docker-image://docker.io/library/base:{native}")],
            "{request}"
        );
        // One returns the findings as its answer, the other sends them as warnings.
        let is_outline = request == "frontend.outline";
        assert_eq!(warnings(&daemon).len(), usize::from(is_outline));
    }
}

/// Only the target stage and the stages that it needs are checked.
#[tokio::test]
async fn a_check_of_a_target_leaves_the_others_alone() {
    let text = "FROM base AS one\nENV A=$UNDEFINED\nFROM base AS two\n";
    for (options, expected) in [(&[("target", "two")][..], 0), (&[], 1)] {
        let options = [options, &[("requestid", "frontend.lint")]].concat();
        let answer = json(&without_context(text), &options).await;
        let warnings = answer["warnings"].as_array().map_or(0, Vec::len);
        assert_eq!(warnings, expected, "{answer}");
    }
}

/// As in Docker's frontend, which only merges overlapping ranges.
#[tokio::test]
async fn each_line_of_a_mistake_is_a_place_of_a_check() {
    let text = "FROM base\nCOPY \\\n  --nothing \\\n  a /\n";
    let daemon = without_context(text);
    let answer = json(&daemon, &[("requestid", "frontend.lint")]).await;
    let ranges = &answer["buildError"]["location"]["ranges"];
    assert_eq!(ranges.as_array().unwrap().len(), 3, "{answer}");
}

#[tokio::test]
async fn a_graph_is_of_the_platform_that_is_asked_for() {
    let options = [("requestid", "frontend.graph"), ("platform", "linux/s390x")];
    let daemon = without_context("FROM base\nRUN make\n");
    let answer = ask(&daemon, &options).await.unwrap();
    let text = String::from_utf8_lossy(&answer.metadata["result.txt"]).into_owned();
    assert!(text.contains("linux/s390x"), "{text}");
}

/// Besides the result, only what the file asks for is scanned.
#[tokio::test]
async fn a_list_of_software_covers_what_the_file_says() {
    let text = "ARG BUILDKIT_SBOM_SCAN_CONTEXT=true\nFROM base AS one\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nRUN make\nFROM base\nCOPY --from=one /a /\n";
    let scanner = r#"{"config":{"Entrypoint":["/scan"]}}"#;
    let scan = async |text: &str, options: &[(&str, &str)]| {
        let daemon = Daemon::new()
            .local("dockerfile", [("Dockerfile", text.to_owned())])
            .local("context", [("a", "")])
            .image("docker.io/library/base:latest", DIGEST, CONFIG)
            .image("docker.io/example/scanner:1", DIGEST, scanner);
        let sbom = [("attest:sbom", "generator=example/scanner:1")];
        let result = ask(&daemon, &[options, &sbom].concat()).await.unwrap();
        assert_eq!(result.attestations.len(), 1);
        let ignored = graph(&daemon).vertices().iter().any(|vertex| {
            vertex.name().contains("generating sbom") && vertex.metadata().ignores_cache()
        });
        let exec = execs(&daemon)
            .into_iter()
            .find(|exec| exec.meta.as_ref().unwrap().args == ["/scan"]);
        let mounts = exec.unwrap().mounts.into_iter().map(|mount| mount.dest);
        let extras = mounts.filter_map(|dest| {
            dest.strip_prefix("/run/src/extras/sbom-")
                .map(str::to_owned)
        });
        (extras.collect::<Vec<_>>(), ignored)
    };
    let (extras, ignored) = scan(text, &[]).await;
    assert_eq!(
        (extras, ignored),
        (vec!["context".to_owned(), "one".to_owned()], false)
    );
    let (_, ignored) = scan(text, &[("no-cache", "")]).await;
    assert!(ignored);
    let (extras, _) = scan("FROM base\n", &[]).await;
    assert_eq!(extras, [""; 0]);
}

/// The result has the time that the client gives.
#[tokio::test]
async fn the_time_of_a_build_comes_with_its_result() {
    for (value, expected) in [("1700000000", Some("1700000000")), ("", None)] {
        let options = [("build-arg:SOURCE_DATE_EPOCH", value)];
        let result = ask(&without_context("FROM base\n"), &options)
            .await
            .unwrap();
        let found = result.metadata.get("source.date.epoch");
        assert_eq!(
            found
                .map(|value| String::from_utf8_lossy(value).into_owned())
                .as_deref(),
            expected
        );
    }
}

/// Docker's message about an unterminated heredoc comes first, and alone in answers that only have Docker's messages.
#[tokio::test]
async fn a_heredoc_that_nothing_ends_is_explained_after_dockers_words() {
    let daemon = without_context("FROM base\nRUN <<EOF\necho\n  EOF\n");
    let failure = problem(&daemon, &[]).await;
    let (docker, ours) = failure.message().split_once("\n\n").unwrap();
    assert_eq!(docker, "unterminated heredoc");
    for words in ["Dockerfile:2:5", "4 |   EOF", "nothing but `EOF`"] {
        assert!(ours.contains(words), "{ours}");
    }
}

/// The findings of a line come before its mistakes.
#[tokio::test]
async fn a_from_with_too_many_words_has_its_warning_too() {
    let daemon = without_context("FROM base as one two\n");
    let failure = problem(&daemon, &[]).await;
    assert!(
        failure
            .message()
            .contains("FROM requires either one or three arguments"),
        "{failure}"
    );
    let [warning] = warnings(&daemon).try_into().unwrap();
    assert!(warning.starts_with("FromAsCasing: 'as' and 'FROM'"));
}

/// An invalid selection of rules doesn't matter when listing targets, and is one of the mistakes when asking for
/// findings.
#[tokio::test]
async fn rules_that_cannot_be_read_are_a_mistake_where_rules_are_asked_for() {
    let text = "# check=skip=\u{7f}none;error=maybe\nFROM base AS one\n";
    let asked = async |options: &[(&str, &str)]| ask(&without_context(text), options).await;
    let targets = asked(&[("requestid", "frontend.targets")]).await.unwrap();
    let targets = String::from_utf8_lossy(&targets.metadata["result.txt"]).into_owned();
    assert!(targets.contains("one"), "{targets}");
    let lint = asked(&[("requestid", "frontend.lint")]).await.unwrap();
    let lint: serde_json::Value = serde_json::from_slice(&lint.metadata["result.json"]).unwrap();
    let message = lint["buildError"]["message"].as_str().unwrap();
    assert!(message.contains("failed to parse check options"), "{lint}");

    let failure = problem(&without_context(text), &[]).await;
    assert_eq!(failure.message(), message);
    let argument = ("build-arg:BUILDKIT_DOCKERFILE_CHECK", "error=maybe");
    for request in ["frontend.lint", "frontend.targets"] {
        let failure = problem(&without_context(text), &[("requestid", request), argument]).await;
        let message = failure.message();
        assert!(
            message.starts_with("failed to parse build-arg:BUILDKIT_DOCKERFILE_CHECK: "),
            "{message}"
        );
    }
}
