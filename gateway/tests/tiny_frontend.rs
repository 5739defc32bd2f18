//! Tests of the example `tiny-frontend`, with an in-memory daemon.

#[path = "../examples/tiny-frontend/main.rs"]
#[expect(dead_code, reason = "the program's entry is called by nobody here")]
mod tiny_frontend;

use buildkit_gateway::testkit::Daemon;
use buildkit_gateway::{Environment, Failure};
use buildkit_llb::Graph;
use buildkit_proto::gateway as wire;

const FILE: &str = "\
# syntax=example/tiny
from alpine
copy src /src
run make -C /src
entrypoint /src/server -v
";

const CONFIG: &str =
    r#"{"architecture":"amd64","os":"linux","config":{"Env":["A=b"],"Cmd":["sh"]}}"#;

fn daemon(file: &'static str) -> Daemon {
    let digest = format!("sha256:{}", "a".repeat(64));
    Daemon::new()
        .local("dockerfile", [("Tinyfile", file)])
        .image("docker.io/library/alpine:latest", &digest, CONFIG)
}

/// Runs a build with these client options to its end.
async fn build(daemon: &Daemon, options: &[(&str, &str)]) -> Result<wire::Result, Failure> {
    let environment = Environment::default().with_options(options.iter().copied());
    let outcome = daemon.serve(&environment, tiny_frontend::build).await;
    outcome.expect("an end").into_result()
}

#[tokio::test]
async fn a_file_becomes_an_image() {
    let daemon = daemon(FILE);
    let result = build(&daemon, &[]).await.unwrap();
    let config = String::from_utf8(result.metadata["containerimage.config"].to_vec()).unwrap();
    assert!(
        config.contains(r#""Entrypoint":["/src/server","-v"]"#),
        "{config}"
    );
    assert!(config.contains(r#""Env":["A=b","PATH="#), "{config}");
    assert!(!config.contains("Cmd"), "{config}");

    let solved = daemon.solves().pop().unwrap().definition.unwrap();
    let names: Vec<_> = (solved.metadata.values())
        .filter_map(|metadata| metadata.description.get("llb.customname"))
        .collect();
    for name in [
        "from alpine",
        "copy src /src",
        "run make -C /src",
        "[internal] load build context",
    ] {
        assert!(
            names.iter().any(|named| *named == name),
            "{name} in {names:?}"
        );
    }
    assert_eq!(solved.source.unwrap().infos[0].filename, "Tinyfile");
}

#[tokio::test]
async fn several_platforms_are_built() {
    let options = [("platform", "linux/amd64,linux/arm64")];
    let result = build(&daemon(FILE), &options).await.unwrap();
    let Some(wire::result::Result::Refs(refs)) = result.result else {
        panic!("no map")
    };
    assert_eq!(
        refs.refs.keys().collect::<Vec<_>>(),
        ["linux/amd64", "linux/arm64"]
    );
}

/// The base has no platform in its config, or that of another build, as some images do.
#[tokio::test]
async fn an_image_says_which_platform_it_is_for() {
    for base in ["{}", r#"{"architecture":"s390x","os":"linux"}"#] {
        let digest = format!("sha256:{}", "a".repeat(64));
        let daemon = Daemon::new()
            .local("dockerfile", [("Tinyfile", FILE)])
            .image("docker.io/library/alpine:latest", &digest, base);
        let result = build(&daemon, &[("platform", "linux/arm")]).await.unwrap();
        let config = String::from_utf8(result.metadata["containerimage.config"].to_vec()).unwrap();
        let platform = r#"{"architecture":"arm","os":"linux","variant":"v7","#;
        assert!(config.starts_with(platform), "{config}");
    }
}

#[tokio::test]
async fn what_clients_ask_of_any_frontend_is_done() {
    let options = [
        ("no-cache", ""),
        ("add-hosts", "db=10.0.0.1"),
        ("ulimit", "nofile=1024:2048"),
        ("hostname", "builder"),
        ("shm-size", "1048576"),
        ("label:version", "1"),
        ("build-arg:SOURCE_DATE_EPOCH", "1700000000"),
    ];
    let daemon = daemon(FILE);
    let result = build(&daemon, &options).await.unwrap();
    let metadata = |key: &str| String::from_utf8(result.metadata[key].to_vec()).unwrap();
    let config = metadata("containerimage.config");
    assert!(config.contains(r#""Labels":{"version":"1"}"#), "{config}");
    assert_eq!(metadata("source.date.epoch"), "1700000000");
    let solved = daemon.solves().pop().unwrap().definition.unwrap();
    let graph = Graph::read(&solved.try_into().unwrap()).unwrap();
    let run = graph.vertices().last().unwrap();
    assert!(run.metadata().ignores_cache());
    let run = run.to_json();
    for part in [
        r#""Host": "db""#,
        r#""IP": "10.0.0.1""#,
        r#""Name": "nofile""#,
        r#""hostname": "builder""#,
        r#""size": "1048576""#,
    ] {
        assert!(run.contains(part), "{part} in {run}");
    }
}

#[tokio::test]
async fn mistakes_are_shown_where_they_are() {
    let cases = [
        ("from alpine\nfly /x\n", "there is no word `fly`", 2),
        (
            "from alpine\n\n# a comment\ncopy x\n",
            "`copy` needs two paths",
            4,
        ),
        ("from A B", "A B", 1),
        ("from nowhere", "not found", 1),
    ];
    for (file, message, line) in cases {
        let failure = build(&daemon(file), &[]).await.unwrap_err();
        assert!(failure.message().contains(message), "{failure}");
        let position = failure.positions().next().unwrap();
        assert_eq!(
            (
                position.file.filename.as_str(),
                position.ranges[0].start.line
            ),
            ("Tinyfile", line)
        );
    }
}

#[tokio::test]
async fn what_is_no_text_is_shown_where_it_begins() {
    let file = [("Tinyfile", &b"from alpine\nrun \xff\n"[..])];
    let daemon = Daemon::new().local("dockerfile", file);
    let failure = build(&daemon, &[]).await.unwrap_err();
    assert_eq!(failure.message(), "this isn't UTF-8");
    let position = failure.positions().next().unwrap();
    assert_eq!(position.ranges[0].start.line, 2);
}

#[tokio::test]
async fn questions_are_answered_so_that_clients_understand() {
    let failure = build(&daemon(FILE), &[("requestid", "frontend.lint")])
        .await
        .unwrap_err();
    assert_eq!(failure.subrequest().as_deref(), Some("frontend.lint"));
}

#[tokio::test]
async fn options_that_make_no_sense_are_reported() {
    let failure = build(&daemon(FILE), &[("platform", "a/b/c/d")])
        .await
        .unwrap_err();
    assert!(failure.message().contains("option `platform`"), "{failure}");
}
