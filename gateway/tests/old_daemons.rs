//! Tests of daemons that lack a capability: one for each line of the table.

use std::collections::BTreeMap;

use buildkit_gateway::capability::{Fallback, table};
use buildkit_gateway::testkit::{Call, Daemon, Method, Outcome};
use buildkit_gateway::{
    Attestation, BuildResult, CacheImport, ChecksumAlgorithm, Client, Error, Failure,
    PlatformResult, ResolveSource, SolveRequest, Warning,
};
use buildkit_llb::{Digest, MarshalOptions, Platform, Reference, State};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::Definition;

async fn without(ids: &[&str]) -> (Daemon, Client) {
    let digest = format!("sha256:{}", "d".repeat(64));
    let daemon = Daemon::new()
        .without(ids.iter().copied())
        .local("context", [("f", "x")])
        .image("docker.io/library/alpine:latest", &digest, "{}")
        .input("context", Definition::default());
    let client = daemon.connect().await.expect("a connection");
    (daemon, client)
}

fn context() -> SolveRequest {
    SolveRequest::definition(State::local("context").marshal(&MarshalOptions::new()))
}

fn methods(daemon: &Daemon) -> Vec<Method> {
    daemon.calls().iter().map(Call::method).collect()
}

/// Checks that an error names what is missing, and the version of BuildKit that has it.
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, id: &str, since: &str) {
    let error = result.expect_err(id);
    assert!(matches!(error, Error::Unsupported(_)), "{id}: {error:?}");
    let message = Failure::from(error).to_string();
    assert!(message.contains(&format!("`{id}`")), "{message}");
    assert!(
        message.contains(&format!("BuildKit {since} or later")),
        "{message}"
    );
}

#[tokio::test]
async fn files_can_not_be_looked_at() {
    let (_, client) = without(&["readfile", "readdir", "statfile", "reference.output"]).await;
    let result = client.solve(context()).await.unwrap();
    let files = result.single_reference().unwrap();
    refused(files.read_file("f").await, "readfile", "0.3");
    refused(files.read_dir(".", "").await, "readdir", "0.3");
    refused(files.stat_file("f").await, "statfile", "0.3");
    refused(files.definition(), "reference.output", "0.7");
}

#[tokio::test]
async fn a_look_at_the_root_builds_a_result() {
    let (daemon, client) = without(&["gateway.solve.evaluate", "gateway.evaluate"]).await;
    let result = client.solve(context().evaluate()).await.unwrap();
    result.single_reference().unwrap().evaluate().await.unwrap();
    assert_eq!(
        methods(&daemon),
        [
            Method::Ping,
            Method::Solve,
            Method::StatFile,
            Method::StatFile
        ]
    );
    assert!(!daemon.solves()[0].evaluate);
}

#[tokio::test]
async fn results_have_their_older_form() {
    let (daemon, client) = without(&["proto.refarray"]).await;
    let solved = client.solve(context()).await.unwrap();
    let platform = Platform::new("linux", "amd64");
    let image = PlatformResult::new(solved.single_reference().cloned());
    client
        .return_result(BuildResult::single(&platform, image.clone()))
        .await
        .unwrap();
    let Some(Outcome::Result(returned)) = daemon.outcome() else {
        panic!("no result")
    };
    assert_eq!(
        returned.result,
        Some(wire::result::Result::RefDeprecated("ref0".to_owned()))
    );

    let (daemon, client) = without(&["proto.refarray"]).await;
    client
        .return_result(BuildResult::multi_platform([(platform, image)]))
        .await
        .unwrap();
    let Some(Outcome::Result(returned)) = daemon.outcome() else {
        panic!("no result")
    };
    let Some(wire::result::Result::RefsDeprecated(map)) = returned.result else {
        panic!("no map")
    };
    assert_eq!(
        map.refs,
        BTreeMap::from([("linux/amd64".to_owned(), "ref0".to_owned())])
    );
}

#[tokio::test]
async fn several_platforms_and_attestations_can_not_be_returned() {
    let (_, client) = without(&["returnmap", "reference.attestations"]).await;
    let solved = client.solve(context()).await.unwrap();
    let image = || PlatformResult::new(solved.single_reference().cloned());
    let (amd64, arm64) = (
        Platform::new("linux", "amd64"),
        Platform::new("linux", "arm64"),
    );
    let both = BuildResult::multi_platform([(amd64.clone(), image()), (arm64, image())]);
    refused(client.return_result(both).await, "returnmap", "0.3");
    let attested = BuildResult::single(&amd64, image()).attestation(
        &amd64,
        Attestation::sbom(solved.single_reference().cloned()),
    );
    refused(
        client.return_result(attested).await,
        "reference.attestations",
        "0.11",
    );
}

/// The client is told why the build has no result.
#[tokio::test]
async fn a_result_that_can_not_be_returned_is_the_builds_error() {
    let (daemon, client) = without(&["returnmap"]).await;
    let served = client.serve(async |client| {
        let solved = client.solve(context()).await?;
        let platforms = ["amd64", "arm64"].map(|name| Platform::new("linux", name));
        let image = |platform| {
            (
                platform,
                PlatformResult::new(solved.single_reference().cloned()),
            )
        };
        Ok(BuildResult::multi_platform(platforms.map(image)))
    });
    served.await.unwrap();
    let Some(Outcome::Failure(failure)) = daemon.outcome() else {
        panic!("{:?}", daemon.outcome());
    };
    assert!(failure.message().contains("`returnmap`"), "{failure}");
}

#[tokio::test]
async fn nothing_can_be_built_or_returned() {
    let (_, client) = without(&["solve.base", "return"]).await;
    refused(client.solve(context()).await, "solve.base", "0.3");
    refused(
        client.return_result(BuildResult::default()).await,
        "return",
        "0.3",
    );
    refused(
        client.return_failure(Failure::new("x")).await,
        "return",
        "0.3",
    );
}

#[tokio::test]
async fn caches_inputs_and_warnings_are_left_out() {
    let (daemon, client) = without(&["importcaches", "frontend.inputs", "gateway.warnings"]).await;
    client
        .warn(Digest::of(b"v"), Warning::new("w"))
        .await
        .unwrap();
    assert!(client.inputs().await.unwrap().is_empty());
    let _result = client
        .solve(context().cache_imports([&CacheImport::default()]))
        .await
        .unwrap();
    assert_eq!(methods(&daemon), [Method::Ping, Method::Solve]);
    assert!(daemon.solves()[0].cache_imports.is_empty());
}

#[tokio::test]
async fn images_are_looked_up_by_the_older_call() {
    let (daemon, client) = without(&["source.metaresolver"]).await;
    let alpine = ResolveSource::image(&Reference::parse("alpine").unwrap()).named("look up");
    let metadata = client.resolve_source(alpine).await.unwrap();
    assert_eq!(metadata.image.unwrap().config, "{}");
    assert_eq!(
        metadata.identifier,
        "docker-image://docker.io/library/alpine:latest"
    );
    let calls = daemon.calls();
    let Some(Call::ResolveImageConfig(request)) = calls.last() else {
        panic!("{calls:?}")
    };
    assert_eq!(
        (request.log_name.as_str(), request.resolver_type),
        ("look up", 0)
    );

    // Nothing is known about other sources, and no request is made.
    let attributes = BTreeMap::from([("git.fullurl".to_owned(), "x".to_owned())]);
    let request = ResolveSource::source("git://example.com/x", attributes.clone());
    let metadata = client.resolve_source(request).await.unwrap();
    assert_eq!((metadata.git, metadata.attributes), (None, attributes));
    assert_eq!(daemon.calls().len(), 2);
}

#[tokio::test]
async fn a_layout_is_looked_up_by_the_older_call() {
    let digest = format!("sha256:{}", "e".repeat(64));
    let reference = Reference::parse(&format!("base@{digest}")).unwrap();
    let image = wire::ResolveSourceImageResponse {
        digest: digest.clone(),
        ..wire::ResolveSourceImageResponse::default()
    };
    let daemon = Daemon::new()
        .without(["source.metaresolver"])
        .metadata(&format!("oci-layout://{reference}"), image);
    let client = daemon.connect().await.unwrap();
    let request = ResolveSource::oci_layout(&reference, "session", "store");
    let metadata = client.resolve_source(request).await.unwrap();
    // The request is about the same source that will be in the graph.
    assert_eq!(metadata.attributes["oci.session"], "session");
    assert_eq!(metadata.attributes["oci.store"], "store");
    assert_eq!(metadata.image.unwrap().digest.unwrap().as_str(), digest);
    let calls = daemon.calls();
    let Some(Call::ResolveImageConfig(request)) = calls.last() else {
        panic!("{calls:?}")
    };
    assert_eq!(request.resolver_type, 1);
    assert_eq!(
        (request.session_id.as_str(), request.store_id.as_str()),
        ("session", "store")
    );
}

#[tokio::test]
async fn what_only_new_daemons_look_up_is_refused() {
    let (_, client) = without(&[
        "source.metaresolver.image.attestations",
        "source.metaresolver.http.checksumrequest",
        "source.metaresolver",
        "resolveimage",
    ])
    .await;
    let image = ResolveSource::image(&Reference::parse("alpine").unwrap());
    let attested = image.clone().with_attestations(["x"]);
    let summed = ResolveSource::source("https://example.com", BTreeMap::new())
        .with_checksum(ChecksumAlgorithm::Sha256, "");
    refused(
        client.resolve_source(attested).await,
        "source.metaresolver.image.attestations",
        "0.28",
    );
    refused(
        client.resolve_source(summed).await,
        "source.metaresolver.http.checksumrequest",
        "0.28",
    );
    refused(client.resolve_source(image).await, "resolveimage", "0.3");
}

#[tokio::test]
async fn a_graph_that_the_daemon_can_not_build_is_not_sent() {
    let daemon = Daemon::new().without(["mergeop"]);
    let client = daemon.connect().await.unwrap();
    let merged = State::merge([&State::local("a"), &State::local("b")]);
    let request = SolveRequest::definition(merged.marshal(&MarshalOptions::new()));
    let error = client.solve(request).await.unwrap_err();
    assert!(matches!(error, Error::UnsupportedOperation(_)), "{error:?}");
    assert!(error.to_string().contains("mergeop"), "{error}");
    assert!(daemon.solves().is_empty());
}

#[tokio::test]
async fn reasons_for_what_is_switched_off_are_told() {
    let daemon = Daemon::new().disabled("readfile", "by the administrator");
    let client = daemon.connect().await.unwrap();
    let result = client.solve(context()).await.unwrap();
    let error = result
        .single_reference()
        .unwrap()
        .read_file("f")
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("it is switched off: by the administrator"),
        "{error}"
    );
}

#[tokio::test]
async fn a_daemon_without_lists_is_known_to_do_little() {
    let daemon = Daemon::new().before_lists().local("context", [("f", "x")]);
    let client = daemon.connect().await.unwrap();
    let result = client.solve(context()).await.unwrap();
    assert_eq!(
        result
            .single_reference()
            .unwrap()
            .read_file("f")
            .await
            .unwrap(),
        "x"
    );
    refused(client.return_result(result).await, "return", "0.3");
}

#[test]
fn every_capability_has_a_fallback_that_is_told() {
    for capability in table::ALL {
        match capability.without {
            Fallback::Refuse => assert!(!capability.feature.is_empty()),
            Fallback::Alternative(text) | Fallback::Unused(text) => assert!(!text.is_empty()),
            other => panic!("{other:?}"),
        }
    }
}
