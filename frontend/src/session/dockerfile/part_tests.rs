//! Tests of Dockerfiles that are part of a Stagefile's build.

use buildkit_gateway::Failure;
use buildkit_gateway::testkit::{Call, Daemon, Fault, Method};
use buildkit_proto::gateway as wire;

use crate::session::tests::harness::{ask, daemon, warnings};

const FILE: &str = "
stages:
  base: { from: { dockerfile: sub/Dockerfile } }
  app:
    from: base
    steps: [{ run: make }]
";

fn with(text: &str) -> Daemon {
    daemon(FILE).local("context", [("sub/Dockerfile", text.to_owned())])
}

/// The file is read for each platform.
#[tokio::test]
async fn what_is_found_in_it_is_told_once_and_in_builds_alone() {
    let text = "FROM busybox:1.35 as one\n";
    let platforms = ("platform", "linux/amd64,linux/arm64");
    let daemon = with(text);
    ask(&daemon, &[platforms]).await.unwrap();
    let found = warnings(&daemon);
    let found = found.iter().filter(|one| one.starts_with("FromAsCasing"));
    assert_eq!(found.count(), 1);

    let daemon = with(text);
    ask(&daemon, &[("requestid", "frontend.graph")])
        .await
        .unwrap();
    assert_eq!(warnings(&daemon), [""; 0]);
}

#[tokio::test]
async fn it_is_built_for_the_platform_of_its_stage() {
    let text = "ARG TARGETARCH\nFROM busybox:1.35-${TARGETARCH}\n";
    let config = r#"{"architecture":"s390x","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#;
    let digest = format!("sha256:{:064}", 0);
    let daemon = with(text).image("docker.io/library/busybox:1.35-s390x", &digest, config);
    ask(&daemon, &[("platform", "linux/s390x")]).await.unwrap();
    let calls = daemon.calls();
    let platforms = calls.iter().filter_map(|call| match call {
        Call::ResolveSourceMeta(request) => request.platform.as_ref(),
        _ => None,
    });
    let platforms: Vec<&str> = platforms.map(|one| one.architecture.as_str()).collect();
    assert_eq!(platforms, ["s390x"]);
}

/// A Dockerfile that isn't for this frontend is built by the daemon's own, or by the one that it asks for.
#[tokio::test]
async fn what_is_for_another_frontend_is_handed_on() {
    for (text, is_handed_on) in [
        ("FROM busybox:1.35\n", false),
        ("# syntax=example/other\nFROM busybox:1.35\n", true),
        (
            "# syntax=example/stagefile\nstages: { app: { from: scratch } }\n",
            true,
        ),
    ] {
        let daemon = with(text).on_solve(|request| {
            (request.frontend == "dockerfile.v0").then(|| Ok(wire::Result::default()))
        });
        ask(&daemon, &[]).await.unwrap();
        let mut solves = daemon.solves().into_iter();
        let found = solves.any(|solve| solve.frontend == "dockerfile.v0");
        assert_eq!(found, is_handed_on, "{text}");
    }
}

/// Subrequests don't need the secrets.
#[tokio::test]
async fn secrets_that_it_cannot_do_without_are_asked_for_in_builds() {
    for (required, request, is_good) in [
        ("true", "", false),
        ("false", "", true),
        ("true", "frontend.graph", true),
    ] {
        let text =
            format!("FROM busybox:1.35\nRUN --mount=type=secret,id=token,required={required} x\n");
        let daemon = with(&text).fault(
            Method::NewContainer,
            Fault::Refuse(Failure::new("no client")),
        );
        let answered = ask(&daemon, &[("requestid", request)]).await;
        assert_eq!(
            answered.is_ok(),
            is_good,
            "{required} {request}: {answered:?}"
        );
    }
}

/// The findings in it are part of the answer.
#[tokio::test]
async fn a_check_looks_into_it() {
    let daemon = with("FROM busybox:1.35 as one\n");
    let answer = ask(&daemon, &[("requestid", "frontend.lint")])
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&answer.metadata["result.txt"]).into_owned();
    assert!(text.contains("sub/Dockerfile:1"), "{text}");
}
