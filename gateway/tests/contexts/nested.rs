//! Tests of Dockerfiles that are built as part of another build.

use std::collections::BTreeMap;

use buildkit_gateway::Failure;
use buildkit_gateway::context::{DockerfileBuild, NamedContext};
use buildkit_gateway::testkit::Daemon;
use buildkit_llb::{Definition, Platform, State};
use buildkit_proto::gateway as wire;

use super::{contexts, marshal};

fn build() -> DockerfileBuild {
    DockerfileBuild {
        filename: "sub/Dockerfile".to_owned(),
        target: None,
        platform: Platform::new("linux", "amd64"),
        args: vec![("A".to_owned(), "1".to_owned())],
        contexts: BTreeMap::new(),
    }
}

/// A daemon whose own frontend makes an empty image.
fn daemon() -> Daemon {
    Daemon::new().on_solve(|request| {
        let config = r#"{"os":"linux","architecture":"amd64","config":{"User":"me"}}"#;
        let metadata = [("containerimage.config".to_owned(), config.into())];
        let result = wire::Result {
            metadata: metadata.into(),
            ..wire::Result::default()
        };
        (request.frontend == "dockerfile.v0").then_some(Ok(result))
    })
}

async fn built(
    daemon: &Daemon,
    build: &DockerfileBuild,
    options: &[(&str, &str)],
) -> Result<NamedContext, Failure> {
    let contexts = contexts(daemon, options).await.expect("contexts");
    contexts.dockerfile(build).await
}

/// Returns the request that the daemon's own frontend gets.
async fn asked(options: &[(&str, &str)]) -> wire::SolveRequest {
    let daemon = daemon();
    let made = built(&daemon, &build(), options).await;
    made.expect("an image");
    daemon.solves().pop().expect("a request")
}

#[tokio::test]
async fn what_is_of_the_other_build_alone_is_not_handed_on() {
    let cache = r#"[{"Type":"registry","Attrs":{"ref":"example.com/cache"}}]"#;
    let request = asked(&[
        ("build-arg:B", "2"),
        ("build-arg:BUILDKIT_MULTI_PLATFORM", "1"),
        ("build-arg:HTTP_PROXY", "http://proxy"),
        ("build-arg:BUILDKIT_SYNTAX", "x"),
        ("label:a", "b"),
        ("no-cache", ""),
        ("add-hosts", "db=10.0.0.1"),
        ("cache-imports", cache),
    ])
    .await;
    let options: Vec<&str> = request.frontend_opt.keys().map(String::as_str).collect();
    assert_eq!(
        options,
        [
            "add-hosts",
            "build-arg:A",
            "build-arg:HTTP_PROXY",
            "cache-imports",
            "dockerfilekey",
            "filename",
            "nested-dockerfile",
            "platform",
            "target",
        ]
    );
    assert_eq!(request.frontend_opt["dockerfilekey"], "context");
    assert_eq!(request.cache_imports.len(), 1);
    // If the context is a repository, the file is in it.
    let request = asked(&[("context", "https://example.com/x.git")]).await;
    assert!(!request.frontend_opt.contains_key("dockerfilekey"));
}

#[tokio::test]
async fn the_config_of_its_image_needs_no_platform_in_its_name() {
    let made = built(&daemon(), &build(), &[]).await.unwrap();
    assert_eq!(made.image.unwrap().config.user, "me");
}

#[tokio::test]
async fn files_that_build_each_other_come_to_an_end() {
    for (depth, is_refused) in [("7", false), ("8", true)] {
        let made = built(&daemon(), &build(), &[("nested-dockerfile", depth)]).await;
        assert_eq!(made.is_err(), is_refused, "{depth}");
    }
}

#[tokio::test]
async fn what_its_names_stand_for_takes_a_daemon_with_inputs() {
    let graph = Definition::try_from(marshal(&State::local("x"))).unwrap();
    let with_contexts = DockerfileBuild {
        contexts: [("base".to_owned(), (graph, None))].into(),
        ..build()
    };
    let old = || daemon().without(["frontend.inputs"]);
    built(&old(), &build(), &[]).await.unwrap();
    let failure = built(&old(), &with_contexts, &[]).await.unwrap_err();
    assert!(failure.message().contains("frontend.inputs"), "{failure}");
}

/// A context that is a single file has nothing to do with the file that is built.
#[tokio::test]
async fn a_context_that_is_a_file_is_none_of_another() {
    let url = "https://example.com/Stagefile";
    let daemon = Daemon::new().source(
        url,
        [("context", "stages: {}"), ("sub/Dockerfile", "FROM x")],
    );
    let contexts = contexts(&daemon, &[("context", url)]).await.unwrap();
    let own = contexts.for_dockerfile(&build()).unwrap();
    let file = own.entrypoint("Dockerfile", "Dockerfile").await.unwrap();
    assert_eq!(
        (file.filename(), &file.text()[..]),
        ("sub/Dockerfile", &b"FROM x"[..])
    );
}
