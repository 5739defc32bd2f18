//! Tests of how long a build waits for the daemon, counted in consecutive answers.
//!
//! A build without changes spends nearly all of its time waiting. Every answer takes one second of a paused clock, so concurrent
//! requests count once.

use std::time::Duration;

use buildkit_gateway::testkit::{Call, Daemon, Fault, Method};
use buildkit_proto::gateway as wire;
use tokio::time::Instant;

use super::harness::ask;

/// The calls that builds make.
const METHODS: [Method; 8] = [
    Method::Inputs,
    Method::NewContainer,
    Method::ReadFile,
    Method::ReleaseContainer,
    Method::ResolveSourceMeta,
    Method::Return,
    Method::Solve,
    Method::Warn,
];

const STAGEFILE: &str = "
secrets: { token: {}, key: {} }
stages:
  assets:
    from: node:22
    steps:
      - copy: src
  app:
    from: busybox:1.35
    steps:
      - copy: .
      - copy: src
        from: assets
      - copy: docs
        from: manual
      - run: make
        secrets: [token, key]
";

/// Builds, and returns the number of consecutive answers that it waited for, and the total number of answers.
async fn build(options: &[(&str, &str)]) -> (u64, usize) {
    build_file(STAGEFILE, options).await
}

async fn build_file(file: &str, options: &[(&str, &str)]) -> (u64, usize) {
    let digest = format!("sha256:{:064}", 0);
    let config = r#"{"architecture":"amd64","os":"linux"}"#;
    let lock = format!("images: {{ 'node:22': {digest}, 'busybox:1.35': {digest} }}");
    let daemon = Daemon::new()
        .local(
            "dockerfile",
            [("Stagefile", file.to_owned()), ("Stagefile.lock", lock)],
        )
        .local(
            "context",
            [(".dockerignore", "target\n"), ("src/main.c", "")],
        )
        .image("docker.io/library/node:22", &digest, config)
        .image("docker.io/library/busybox:1.35", &digest, config);
    let daemon = ["node:22", "busybox:1.35"]
        .iter()
        .fold(daemon, |daemon, name| {
            let pinned = format!("docker.io/library/{name}@{digest}");
            daemon.image(&pinned, &digest, config)
        });
    let daemon = METHODS.iter().fold(daemon, |daemon, method| {
        daemon.fault(*method, Fault::Delay(Duration::from_secs(1)))
    });
    let options = [options, &[("context:manual", "local:manual")]].concat();
    let start = Instant::now();
    ask(&daemon, &options).await.unwrap();
    (start.elapsed().as_secs(), daemon.calls().len())
}

/// The inputs, the file (a graph, and its text with the lock file), the ignore file with the names of the context's files (a
/// graph and its result; images and secrets are looked up at the same time), the graph, and the end.
#[tokio::test(start_paused = true)]
async fn what_does_not_depend_on_each_other_is_asked_at_the_same_time() {
    let (waits, _) = build(&[]).await;
    assert_eq!(waits, 7);
}

#[tokio::test(start_paused = true)]
async fn more_platforms_take_no_more_time() {
    let options = [("platform", "linux/amd64,linux/amd64/v2")];
    let (waits, calls) = build(&options).await;
    assert_eq!(waits, 7);
    let (_, calls_of_one) = build(&[("platform", "linux/amd64")]).await;
    // Another platform has its own images, file names (together with the ignore file) and graph; secrets are the same for all.
    assert_eq!(calls - calls_of_one, 6);
}

#[tokio::test(start_paused = true)]
async fn the_user_of_an_image_is_looked_for_unless_that_would_fetch_layers() {
    let file = format!("{STAGEFILE}    image: {{ user: node }}\n");
    // The list, and the warning.
    assert_eq!(build_file(&file, &[]).await.0, 9);
    let cache = r#"[{"Type":"registry","Attrs":{"ref":"example.com/cache"}}]"#;
    let options = [("cache-imports", cache)];
    assert_eq!(build_file(&file, &options).await, build(&options).await);
}

/// If an expression uses the config of a base, that is needed before the rest of the file can be planned.
#[tokio::test]
async fn a_base_whose_config_is_used_is_asked_about_once() {
    let of = |from: &str| {
        format!(
            "stages:\n  app:\n    from: {from}\n    image: {{ env: {{ FOUND: \"${{{{ base.env.PATH }}}}:/x\" }} }}\n"
        )
    };
    let digest = format!("sha256:{:064}", 0);
    let layout = format!("oci-layout://store@{digest}");
    let files = [
        (of("busybox:1.35"), ("platform", "linux/amd64")),
        (
            of("busybox:1.35"),
            ("context:busybox:1.35", "docker-image://other"),
        ),
        (of("given"), ("context:given", "docker-image://other")),
        (
            of("{ oci-layout: given }"),
            ("context:given", layout.as_str()),
        ),
    ];
    for (file, option) in files {
        let config = r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]}}"#;
        let image = wire::ResolveSourceImageResponse {
            digest: digest.clone(),
            config: config.into(),
            ..wire::ResolveSourceImageResponse::default()
        };
        let daemon = Daemon::new()
            .local("dockerfile", [("Stagefile", file.clone())])
            .image("docker.io/library/busybox:1.35", &digest, config)
            .image("docker.io/library/other:latest", &digest, config)
            .metadata(
                &format!("oci-layout://docker.io/library/given@{digest}"),
                image,
            );
        ask(&daemon, &[option]).await.unwrap();
        let calls = daemon.calls();
        let asked = calls
            .iter()
            .filter(|call| matches!(call, Call::ResolveSourceMeta(_)));
        assert_eq!(asked.count(), 1, "{file}");
    }
}
