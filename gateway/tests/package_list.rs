//! Tests of the example `package-list`, with an in-memory daemon.

use buildkit_gateway::testkit::Daemon;
use buildkit_gateway::{Environment, Failure};
use buildkit_llb::Graph;
use buildkit_proto::gateway as wire;

#[path = "../examples/package-list/main.rs"]
#[expect(dead_code, reason = "the program's entry is called by nobody here")]
mod package_list;

const FILE: &str = "\
# syntax=example/packages
from alpine:3.20
installer apk add
secret mirror
package curl
package jq
package curl
entrypoint jq -r
";

const CONFIG: &str = r#"{"architecture":"amd64","os":"linux","config":{"Env":["A=b"]}}"#;

fn daemon(file: &'static str) -> Daemon {
    let digest = format!("sha256:{}", "a".repeat(64));
    Daemon::new()
        .local("dockerfile", [("Packages", file)])
        .image("docker.io/library/alpine:3.20", &digest, CONFIG)
}

/// Runs a build with these client options to its end.
async fn outcome(daemon: &Daemon, options: &[(&str, &str)]) -> Result<wire::Result, Failure> {
    let environment = Environment::default().with_options(options.iter().copied());
    let outcome = daemon.serve(&environment, package_list::build).await;
    outcome.expect("an end").into_result()
}

async fn result(daemon: &Daemon, options: &[(&str, &str)]) -> wire::Result {
    outcome(daemon, options).await.expect("a result")
}

async fn failure(file: &'static str) -> Failure {
    outcome(&daemon(file), &[]).await.expect_err("a failure")
}

/// Returns the text of an answer, and the exit code of clients.
async fn answer(file: &'static str, request: &str) -> (String, String) {
    let result = result(&daemon(file), &[("requestid", request)]).await;
    let part = |name: &str| {
        let part = result.metadata.get(name).cloned().unwrap_or_default();
        String::from_utf8(part.to_vec()).expect("text")
    };
    (part("result.txt"), part("result.statuscode"))
}

#[tokio::test]
async fn packages_are_installed_with_the_secrets_on_all_platforms() {
    let daemon = daemon(FILE);
    let result = result(&daemon, &[("platform", "linux/amd64,linux/arm64")]).await;
    let Some(wire::result::Result::Refs(refs)) = result.result else {
        panic!("no map")
    };
    assert_eq!(
        refs.refs.keys().collect::<Vec<_>>(),
        ["linux/amd64", "linux/arm64"]
    );
    assert!(result.attestations.is_empty());
    let config = &result.metadata["containerimage.config/linux/arm64"];
    let config = String::from_utf8_lossy(config);
    assert!(config.contains(r#""Entrypoint":["jq","-r"]"#), "{config}");

    let solved = daemon.solves().pop().and_then(|solve| solve.definition);
    let definition = solved.expect("a graph").try_into().expect("a definition");
    let graph = Graph::read(&definition).expect("a graph");
    let (exec, _) = graph.result().expect("a result");
    assert_eq!(exec.name(), "install curl, jq");
    let json = exec.to_json();
    for part in ["\"apk\"", "\"curl\"", "\"jq\"", "/run/secrets/mirror"] {
        assert!(json.contains(part), "{part} in {json}");
    }
    let lines = exec.locations()[0].ranges().iter();
    assert_eq!(
        lines.map(|range| range.start.line).collect::<Vec<_>>(),
        [5, 6]
    );
    let warnings = daemon.warnings();
    assert_eq!(
        &warnings[0].short[..],
        b"DuplicatePackage: package curl is listed twice"
    );
    assert_eq!(&warnings[0].detail[0][..], b"List each package once");
    assert_eq!(warnings[0].ranges[0].start.unwrap_or_default().line, 7);
}

#[tokio::test]
async fn the_list_is_attested_if_one_is_wanted() {
    let daemon = daemon(FILE);
    let result = result(&daemon, &[("attest:sbom", "")]).await;
    let attestations = result.attestations.values().next().expect("a platform");
    let attestation = &attestations.attestation[0];
    assert_eq!(attestation.path, "/predicate.json");
    let written = daemon
        .solves()
        .into_iter()
        .filter_map(|solve| solve.definition);
    let operations = written.flat_map(|definition| definition.def);
    let mut operations = operations.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let json = r#"{"packages":["curl", "jq"]}"#;
    assert!(operations.any(|operation| operation.contains(json)));
    assert_eq!(
        attestation.in_toto_predicate_type,
        "https://example.com/package-list/v1"
    );
}

#[tokio::test]
async fn questions_are_answered() {
    let (text, status) = answer(FILE, "frontend.lint").await;
    assert_eq!(status, "1");
    assert!(
        text.starts_with("\nWARNING: DuplicatePackage\npackage curl is listed twice\nPackages:7\n"),
        "{text}"
    );
    assert!(text.contains("   7 | >>> package curl\n"), "{text}");
    let clean = answer("from alpine:3.20\n", "frontend.lint").await;
    assert_eq!(clean, (String::new(), "0".to_owned()));
    let (_, status) = answer("fly away\n", "frontend.lint").await;
    assert_eq!(status, "1");

    let (text, _) = answer(FILE, "frontend.outline").await;
    assert_eq!(
        text,
        "TARGET: image\n\nSECRET   REQUIRED\nmirror   true\n\n"
    );
    let (text, _) = answer(FILE, "frontend.targets").await;
    assert_eq!(
        text,
        "TARGET          DESCRIPTION\nimage (default) all packages\n"
    );
    let (text, _) = answer(FILE, "frontend.subrequests.describe").await;
    assert!(
        text.contains("\nlint                 1.0.0   Lint a Dockerfile\n"),
        "{text}"
    );
}

#[tokio::test]
async fn mistakes_have_their_lines() {
    for (file, message, line) in [
        ("from alpine:3.20\nfly away\n", "there is no word `fly`", 2),
        (
            "from alpine:3.20\n\npackage\n",
            "`package` needs a value",
            3,
        ),
        ("package a\n", "a line `from IMAGE` is missing", 1),
        ("from nowhere\n", "not found", 1),
    ] {
        let failure = failure(file).await;
        assert!(failure.message().contains(message), "{failure}");
        let position = failure.positions().next().expect("a place");
        assert_eq!(position.ranges[0].start.line, line, "{message}");
    }
}
