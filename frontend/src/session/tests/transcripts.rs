//! Snapshots of what a build, and each subrequest, requests from the daemon and returns to the client: the whole frontend with
//! the test kit's daemon, one file in `snapshots/` for each kind of request.

use std::fmt::Write as _;

use buildkit_gateway::testkit::{Call, Daemon};
use buildkit_llb::Graph;
use buildkit_proto::gateway as wire;
use buildkit_proto::gateway::result::Result as Built;

use super::harness::ask;

const FILE: &str = r#"
args:
  GO_VERSION: "1.22"
  CHANNEL: { default: stable, values: [stable, beta], description: which release }
secrets:
  token: { env: TOKEN }
caches:
  objects: { target: /objects }
stages:
  build:
    description: The program
    from: golang:${{ args.GO_VERSION }}
    steps:
      - run: make CHANNEL=${{ args.CHANNEL }}
        bind: src
        secrets: token
        caches: [go, objects]
        outputs: { bin: /out }
  test:
    from: build
    steps: [{ run: make test }]
    reports: { junit: /results }
  app:
    description: The service
    from: gcr.io/distroless/static:nonroot
    requires: test
    steps:
      - copy: server
        from: build.bin
        to: /
      - copy: data
        from: assets
        to: /data
    image:
      entrypoint: [/server]
      annotations: { made-by: { value: me, at: [manifest, index] } }
"#;

/// Returns a daemon with the file, its images and its context.
fn daemon() -> Daemon {
    let digest = |digit: &str| format!("sha256:{}", digit.repeat(64));
    let config = r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"],"User":"65532"},"rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#;
    Daemon::new()
        .local("dockerfile", [("Stagefile", FILE)])
        .local(
            "context",
            [(".dockerignore", "*.log\n"), ("src/main.go", "")],
        )
        .image("docker.io/library/golang:1.22", &digest("1"), config)
        .image("gcr.io/distroless/static:nonroot", &digest("2"), config)
}

/// Returns a daemon with a Go project, of which the client names `apps/api/go.mod` without its directory.
fn daemon_of_a_project() -> Daemon {
    let digest = format!("sha256:{}", "1".repeat(64));
    let config = r#"{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#;
    let manifest = "module example.com/api\n\ngo 1.22\n";
    Daemon::new()
        .local(
            "dockerfile",
            [
                ("go.mod", manifest),
                ("composer.json", "{}"),
                ("lib/go.mod", "module a"),
            ],
        )
        .local(
            "context",
            [
                ("go.mod", "module example.com/other\n"),
                ("apps/api/go.mod", manifest),
                ("apps/api/main.go", "package main\n"),
            ],
        )
        .image("docker.io/library/golang:1.22-bookworm", &digest, config)
        .image("gcr.io/distroless/static-debian12:nonroot", &digest, config)
}

/// The context that every build of the file needs.
const ASSETS: (&str, &str) = ("context:assets", "local:assets");

/// Answers a request, and returns a full transcript.
async fn transcript(daemon: Daemon, options: &[(&str, &str)]) -> String {
    let answered = ask(&daemon, options).await;
    let mut text = String::new();
    for (key, value) in options {
        writeln!(text, "{key}={value}").unwrap();
    }
    text.push('\n');
    for call in daemon.calls() {
        if let Some(line) = told(&daemon, &call) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text.push('\n');
    match answered {
        Err(failure) => writeln!(text, "failure: {}", failure.message()).unwrap(),
        Ok(result) => text.push_str(&result_of(&daemon, &result)),
    }
    text
}

fn told(daemon: &Daemon, call: &Call) -> Option<String> {
    let method = call.method();
    let what = match call {
        Call::Ping(_) | Call::Return(_) => return None,
        Call::Solve(request) => match &request.definition {
            Some(definition) => vertices(definition),
            None => format!(" {} {:?}", request.frontend, request.frontend_opt),
        },
        Call::ReadFile(request) => format!(" {}", request.file_path),
        Call::ResolveSourceMeta(request) => {
            let source = request.source.as_ref();
            let platform = request.platform.as_ref();
            format!(
                " {} {}",
                source
                    .map(|source| source.identifier.as_str())
                    .unwrap_or_default(),
                platform
                    .map(|one| format!("{}/{}", one.os, one.architecture))
                    .unwrap_or_default()
            )
        }
        Call::NewContainer(request) => {
            let mounts = request.mounts.iter().map(|mount| {
                let root = vertices(&daemon.definition(&mount.result_id));
                let secret = mount.secret_opt.as_ref().map(|secret| secret.id.as_str());
                format!(
                    "\n    {} {}{}",
                    mount.dest,
                    secret.unwrap_or_default(),
                    root.replace('\n', "\n    ")
                )
            });
            mounts.collect()
        }
        Call::ExecMessage(message) => match &message.input {
            Some(wire::exec_message::Input::Init(init)) => {
                let meta = init.meta.as_ref();
                format!(
                    " {:?}",
                    meta.map(|meta| meta.args.clone()).unwrap_or_default()
                )
            }
            _ => return None,
        },
        Call::Warn(request) => format!(" {}", String::from_utf8_lossy(&request.short)),
        _ => String::new(),
    };
    Some(format!("{method:?}{what}"))
}

/// Lists the vertices of a graph by name; those without a name by kind.
fn vertices(definition: &buildkit_proto::ops::Definition) -> String {
    let Ok(definition) = buildkit_llb::Definition::try_from(definition.clone()) else {
        return " nothing".to_owned();
    };
    let Ok(graph) = Graph::read(&definition) else {
        return " nothing".to_owned();
    };
    let mut text = String::new();
    for vertex in graph.vertices() {
        write!(text, "\n  {}", vertex.name()).unwrap();
    }
    text
}

fn result_of(daemon: &Daemon, result: &wire::Result) -> String {
    let mut text = String::new();
    let mut add = |name: &str, id: &str| {
        let known = daemon.definition(id);
        writeln!(text, "result{name}:{}", vertices(&known)).unwrap();
    };
    match &result.result {
        Some(Built::Ref(reference)) => add("", &reference.id),
        Some(Built::RefDeprecated(id)) => add("", id),
        Some(Built::Refs(map)) => {
            for (platform, reference) in &map.refs {
                add(&format!(" for {platform}"), &reference.id);
            }
        }
        other => writeln!(text, "{other:?}").unwrap(),
    }
    for (platform, attestations) in &result.attestations {
        for one in &attestations.attestation {
            writeln!(
                text,
                "attestation for {platform}: {}",
                one.in_toto_predicate_type
            )
            .unwrap();
        }
    }
    for (key, value) in &result.metadata {
        let value = String::from_utf8_lossy(value);
        let value = match serde_json::from_str::<serde_json::Value>(&value) {
            // The same as the text, including the whole file.
            Ok(_) if key == "result.json" => "…".to_owned(),
            Ok(json) => serde_json::to_string_pretty(&json).unwrap(),
            Err(_) => value.into_owned(),
        };
        writeln!(text, "{key} = {value}").unwrap();
    }
    text
}

#[tokio::test]
async fn a_build() {
    insta::assert_snapshot!(transcript(daemon(), &[ASSETS]).await);
}

#[tokio::test]
async fn a_build_for_two_platforms() {
    let options = [
        ASSETS,
        ("platform", "linux/amd64,linux/arm64"),
        ("multi-platform", "true"),
        ("target", "build"),
    ];
    insta::assert_snapshot!(transcript(daemon(), &options).await);
}

#[tokio::test]
async fn a_build_with_a_list_of_software() {
    let digest = format!("sha256:{}", "3".repeat(64));
    let daemon = daemon().image(
        "docker.io/example/scanner:1",
        &digest,
        r#"{"config":{"Entrypoint":["/scan"]},"rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#,
    );
    let options = [
        ASSETS,
        ("attest:sbom", "generator=example/scanner:1"),
        ("build-arg:BUILDKIT_SBOM_SCAN_STAGE", "true"),
    ];
    insta::assert_snapshot!(transcript(daemon, &options).await);
}

#[tokio::test]
async fn a_build_without_what_it_needs() {
    insta::assert_snapshot!(transcript(daemon(), &[]).await);
}

#[tokio::test]
async fn a_build_with_what_is_wrong() {
    let options = [ASSETS, ("build-arg:CHANNEL", "nightly"), ("target", "ap")];
    insta::assert_snapshot!(transcript(daemon(), &options).await);
}

#[tokio::test]
async fn a_build_on_an_old_daemon() {
    let old = daemon().without([
        "source.metaresolver",
        "source.local.metadatatransfer",
        "mergeop",
        "diffop",
        "file.rm.wildcard",
        "proto.refarray",
    ]);
    insta::assert_snapshot!(transcript(old, &[ASSETS]).await);
}

#[tokio::test]
async fn reports() {
    let options = [ASSETS, ("target", "test@reports")];
    insta::assert_snapshot!(transcript(daemon(), &options).await);
}

#[tokio::test]
async fn questions() {
    for question in [
        "lint",
        "outline",
        "targets",
        "caches",
        "fix",
        "init",
        "version",
        "subrequests.describe",
        "nothing",
    ] {
        let id = format!("frontend.{question}");
        let options = [ASSETS, ("requestid", id.as_str())];
        insta::assert_snapshot!(
            format!("question_{question}"),
            transcript(daemon(), &options).await
        );
    }
}

/// The output of our program about what a build mounts for it.
#[tokio::test]
async fn questions_that_look_at_files() {
    let layers = r#"{"bytes":3000,"wasted":0,"layers":[{"bytes":2000,"files":2},{"bytes":1000,"files":1},{"bytes":0,"files":0}]}"#;
    let files = r#"{"files":{"src/main.go":["1 (100644)","2 (100644)"]},"more":1}"#;
    let before = [("Stagefile", FILE), ("src/main.go", "package main\n")];
    let daemon = || {
        daemon()
            .local("before", before)
            .result_of("[internal] look at the layers", [("layers.json", layers)])
            .result_of(
                "[internal] compare the build contexts",
                [("files.json", files)],
            )
    };
    for question in ["layers", "why"] {
        let id = format!("frontend.{question}");
        let options = [
            ASSETS,
            ("context:before", "local:before"),
            ("requestid", id.as_str()),
        ];
        insta::assert_snapshot!(
            format!("question_{question}"),
            transcript(daemon(), &options).await
        );
    }
}

#[tokio::test]
async fn projects() {
    for (name, options) in [
        ("a_build_of_a_manifest", &[("filename", "go.mod")][..]),
        (
            "a_manifest_as_a_stagefile",
            &[("filename", "go.mod"), ("requestid", "frontend.init")],
        ),
        (
            "a_manifest_that_is_not_in_the_context",
            &[("filename", "lib/go.mod")],
        ),
        (
            "a_manifest_of_another_language",
            &[("filename", "composer.json")],
        ),
        (
            "a_build_of_a_manifest_with_a_wrong_target",
            &[("filename", "go.mod"), ("target", "ap")],
        ),
    ] {
        insta::assert_snapshot!(name, transcript(daemon_of_a_project(), options).await);
    }
}
