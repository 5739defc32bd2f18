//! Tests of every call over the real protocol, with an in-memory daemon.

use std::collections::BTreeMap;

use buildkit_gateway::testkit::{Call, Daemon, Method, Outcome};
use buildkit_gateway::{
    BuildResult, CacheImport, ChecksumAlgorithm, Error, Failure, FileKind, ImageConfig, Options,
    PlatformResult, ResolveSource, SolveRequest, SourcePosition, Warning,
};
use buildkit_llb::{Digest, Exec, Mount, Platform, Reference, ResolveMode, State};
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::{Definition, Input, Op, SourceOp, op};
use bytes::Bytes;
use prost::Message;

/// A graph with nothing but a source.
fn source(identifier: &str) -> Definition {
    let source = SourceOp {
        identifier: identifier.to_owned(),
        attrs: BTreeMap::new(),
    };
    let source = Op {
        op: Some(op::Op::Source(source)),
        ..Op::default()
    };
    let end = Op {
        inputs: vec![Input {
            digest: "sha256:0".to_owned(),
            index: 0,
        }],
        ..Op::default()
    };
    Definition {
        def: vec![source.encode_to_vec().into(), end.encode_to_vec().into()],
        ..Definition::default()
    }
}

fn methods(daemon: &Daemon) -> Vec<Method> {
    daemon.calls().iter().map(Call::method).collect()
}

#[tokio::test]
async fn files_are_read_listed_and_described() {
    let daemon = Daemon::new().local("context", [("a/b.txt", "hello"), ("a/c", ""), ("d", "x")]);
    let client = daemon.connect().await.unwrap();
    let result = client
        .solve(SolveRequest::definition(source("local://context")))
        .await
        .unwrap();
    let context = result.single_reference().unwrap();

    assert_eq!(context.read_file("a/b.txt").await.unwrap(), "hello");
    assert_eq!(
        context.read_file_range("a/b.txt", 1, 3).await.unwrap(),
        "ell"
    );
    assert_eq!(
        context.read_file_range("a/b.txt", 4, 100).await.unwrap(),
        "o"
    );
    assert_eq!(context.read_file("a/c").await.unwrap(), "");
    assert_eq!(
        context.read_file_if_present("d").await.unwrap().unwrap(),
        "x"
    );
    assert_eq!(context.read_file_if_present("e").await.unwrap(), None);
    assert!(context.read_file("e").await.unwrap_err().is_not_found());

    let names = |entries: Vec<buildkit_gateway::Stat>| -> Vec<String> {
        entries.into_iter().map(|entry| entry.path).collect()
    };
    assert_eq!(names(context.read_dir(".", "").await.unwrap()), ["a", "d"]);
    assert_eq!(
        names(context.read_dir("a", "*.txt").await.unwrap()),
        ["b.txt"]
    );
    assert!(
        context
            .read_dir("nowhere", "")
            .await
            .unwrap_err()
            .is_not_found()
    );

    let stat = context.stat_file("a/b.txt").await.unwrap();
    assert_eq!(
        (stat.kind, stat.size, stat.permissions),
        (FileKind::Regular, 5, 0o644)
    );
    assert!(context.stat_file("a").await.unwrap().is_directory());
    assert!(context.stat_file("e").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn files_of_any_size_are_read() {
    let sizes = [(8 << 20) - 1, 8 << 20, (20 << 20) + 7];
    for size in sizes {
        let content: Bytes = (0..size)
            .map(|at: u32| (at % 251) as u8)
            .collect::<Vec<_>>()
            .into();
        let daemon = Daemon::new().local("context", [("big", content.clone())]);
        let client = daemon.connect().await.unwrap();
        let request = SolveRequest::definition(source("local://context"));
        let result = client.solve(request).await.unwrap();
        let context = result.single_reference().unwrap();
        assert!(
            context.read_file("big").await.unwrap() == content,
            "{size} bytes"
        );
        let limit = u64::from(size) - 1;
        let error = context.read_file_up_to("big", limit).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("file `big` is larger than {limit} bytes")
        );
        let whole = context.read_file_up_to("big", u64::from(size)).await;
        assert_eq!(whole.unwrap().len() as u64, u64::from(size));
    }
}

#[tokio::test]
async fn a_directory_is_told_from_a_file_that_cannot_be_read() {
    let daemon = Daemon::new().local("context", [("etc/x", "y")]);
    let client = daemon.connect().await.unwrap();
    let request = SolveRequest::definition(source("local://context"));
    let result = client.solve(request).await.unwrap();
    let context = result.single_reference().unwrap();
    let error = context.read_file("etc").await.unwrap_err();
    assert!(matches!(error, Error::IsDirectory { .. }), "{error:?}");
    assert_eq!(error.to_string(), "`etc` is a directory, not a file");
    let missing = context.read_file("none").await.unwrap_err();
    assert!(missing.is_not_found(), "{missing:?}");
}

#[tokio::test]
async fn nothing_is_built_before_it_is_needed() {
    let failure = Failure::new("no such directory").with_vertex(Digest::of(b"gone"));
    let daemon = Daemon::new().failing_source("local://gone", failure);
    let client = daemon.connect().await.unwrap();
    let request = SolveRequest::definition(source("local://gone"));

    let lazy = client.solve(request.clone()).await.unwrap();
    let reference = lazy.single_reference().unwrap();
    for error in [
        reference.evaluate().await.unwrap_err(),
        reference.read_file("x").await.unwrap_err(),
        client.solve(request.evaluate()).await.unwrap_err(),
    ] {
        let failure = error.failure().unwrap();
        assert_eq!(failure.message(), "no such directory");
        assert_eq!(failure.vertex(), Some(Digest::of(b"gone")));
    }
}

#[tokio::test]
async fn an_empty_graph_has_no_files() {
    let daemon = Daemon::new();
    let client = daemon.connect().await.unwrap();
    let request = SolveRequest::definition(Definition::default()).evaluate();
    let result = client.solve(request).await.unwrap();
    assert!(result.single_reference().is_none());
    assert_eq!(result.references().count(), 0);
}

#[tokio::test]
async fn the_definition_of_a_result_can_be_used_again() {
    let client = Daemon::new().connect().await.unwrap();
    let graph = source("local://context");
    let result = client
        .solve(SolveRequest::definition(graph.clone()))
        .await
        .unwrap();
    assert_eq!(
        *result.single_reference().unwrap().definition().unwrap(),
        graph
    );
}

#[tokio::test]
async fn other_frontends_get_options_and_inputs() {
    let daemon = Daemon::new().on_solve(|request| {
        (request.frontend == "dockerfile.v0").then(|| {
            let refs = BTreeMap::from([
                (
                    "linux/amd64".to_owned(),
                    wire::Ref {
                        id: "amd".to_owned(),
                        def: None,
                    },
                ),
                ("linux/arm64".to_owned(), wire::Ref::default()),
            ]);
            let config = ("containerimage.config/linux/amd64".to_owned(), "{}".into());
            Ok(wire::Result {
                result: Some(wire::result::Result::Refs(wire::RefMap { refs })),
                metadata: BTreeMap::from([config]),
                attestations: BTreeMap::new(),
            })
        })
    });
    let client = daemon.connect().await.unwrap();
    let import = CacheImport {
        kind: "registry".to_owned(),
        attributes: BTreeMap::from([("ref".to_owned(), "a".to_owned())]),
    };
    let request = SolveRequest::frontend("dockerfile.v0")
        .option("filename", "Dockerfile")
        .options([("target", "build")])
        .input("base", source("local://base"))
        .cache_imports([&import]);
    let result = client.solve(request).await.unwrap();

    let amd64 = Platform::new("linux", "amd64");
    assert_eq!(result.reference(&amd64).unwrap().id(), "amd");
    assert_eq!(result.reference(&Platform::new("linux", "arm64")), None);
    assert_eq!(
        result
            .platform_metadata("containerimage.config", &amd64)
            .unwrap(),
        "{}"
    );
    let solves = daemon.solves();
    assert_eq!(solves[0].frontend_opt["target"], "build");
    assert_eq!(solves[0].frontend_inputs["base"], source("local://base"));
    assert_eq!(solves[0].cache_imports[0].attrs["ref"], "a");
    assert!(solves[0].allow_result_return && solves[0].allow_result_array_ref);
}

#[tokio::test]
async fn images_are_looked_up() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let daemon = Daemon::new().image("docker.io/library/alpine:latest", &digest, "{}");
    let client = daemon.connect().await.unwrap();
    let alpine = Reference::parse("alpine").unwrap();
    let request = ResolveSource::image(&alpine)
        .platform(&Platform::new("linux", "arm64"))
        .mode(ResolveMode::Pull)
        .named("[internal] load metadata for alpine")
        .with_attestations(["https://spdx.dev/Document"]);
    let metadata = client.resolve_source(request).await.unwrap();
    let image = metadata.image.unwrap();
    assert_eq!(image.digest.as_ref().unwrap().as_str(), digest);
    assert_eq!(image.config, "{}");
    assert_eq!(
        metadata.identifier,
        "docker-image://docker.io/library/alpine:latest"
    );

    let calls = daemon.calls();
    let Some(Call::ResolveSourceMeta(request)) = calls.last() else {
        panic!("{calls:?}")
    };
    assert_eq!(request.resolve_mode, "pull");
    assert_eq!(request.log_name, "[internal] load metadata for alpine");
    assert_eq!(request.platform.as_ref().unwrap().architecture, "arm64");
    assert!(request.image.as_ref().unwrap().attestation_chain);

    let busybox = ResolveSource::image(&Reference::parse("busybox").unwrap());
    let error = client.resolve_source(busybox).await.unwrap_err();
    assert!(error.to_string().ends_with("not found"));
}

#[tokio::test]
async fn git_and_http_sources_are_looked_up() {
    let checksum = format!("sha256:{}", "b".repeat(64));
    let daemon = Daemon::new()
        .metadata(
            "git://example.com/x.git#main",
            wire::ResolveSourceMetaResponse {
                git: Some(wire::ResolveSourceGitResponse {
                    checksum: "c0ffee".to_owned(),
                    r#ref: "refs/heads/main".to_owned(),
                    commit_object: "tree".into(),
                    ..wire::ResolveSourceGitResponse::default()
                }),
                ..wire::ResolveSourceMetaResponse::default()
            },
        )
        .metadata(
            "https://example.com/f",
            wire::ResolveSourceMetaResponse {
                http: Some(wire::ResolveSourceHttpResponse {
                    checksum: checksum.clone(),
                    filename: "f".to_owned(),
                    last_modified: Some(prost_types::Timestamp {
                        seconds: 5,
                        nanos: 0,
                    }),
                    checksum_response: Some(wire::ChecksumResponse {
                        digest: "sha512:x".to_owned(),
                        suffix: Bytes::new(),
                    }),
                }),
                ..wire::ResolveSourceMetaResponse::default()
            },
        );
    let client = daemon.connect().await.unwrap();
    let request = ResolveSource::source("git://example.com/x.git#main", BTreeMap::new());
    let git = client
        .resolve_source(request.with_git_objects())
        .await
        .unwrap()
        .git
        .unwrap();
    assert_eq!(
        (git.checksum.as_str(), git.git_ref.as_str()),
        ("c0ffee", "refs/heads/main")
    );
    assert_eq!(git.commit, "tree");
    // A ref that isn't a tag has a single checksum; the text after a commit's header is its message.
    assert_eq!(git.commit_hash(), "c0ffee");
    let message = "tree 1\n\ncommitter A <a@b> 5 +0000\n";
    let other = Daemon::new().metadata(
        "git://example.com/y.git",
        wire::ResolveSourceMetaResponse {
            git: Some(wire::ResolveSourceGitResponse {
                commit_object: message.into(),
                ..wire::ResolveSourceGitResponse::default()
            }),
            ..wire::ResolveSourceMetaResponse::default()
        },
    );
    let other = other.connect().await.unwrap();
    let request = ResolveSource::source("git://example.com/y.git", BTreeMap::new());
    let git = other.resolve_source(request).await.unwrap().git.unwrap();
    assert_eq!(git.committed(), None);

    let request = ResolveSource::source("https://example.com/f", BTreeMap::new())
        .with_checksum(ChecksumAlgorithm::Sha512, "salt");
    let http = client.resolve_source(request).await.unwrap().http.unwrap();
    assert_eq!(
        (http.digest.as_str(), http.filename.as_str()),
        (checksum.as_str(), "f")
    );
    let modified = http
        .last_modified
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(modified.as_secs(), 5);
    assert_eq!(http.checksum.as_deref(), Some("sha512:x"));
}

#[tokio::test]
async fn files_of_servers_may_be_older_than_1970() {
    let daemon = Daemon::new().metadata(
        "https://example.com/f",
        wire::ResolveSourceMetaResponse {
            http: Some(wire::ResolveSourceHttpResponse {
                checksum: format!("sha256:{}", "b".repeat(64)),
                last_modified: Some(prost_types::Timestamp {
                    seconds: -5,
                    nanos: 0,
                }),
                ..wire::ResolveSourceHttpResponse::default()
            }),
            ..wire::ResolveSourceMetaResponse::default()
        },
    );
    let client = daemon.connect().await.unwrap();
    let request = ResolveSource::source("https://example.com/f", BTreeMap::new());
    let http = client.resolve_source(request).await.unwrap().http.unwrap();
    let before = std::time::UNIX_EPOCH.duration_since(http.last_modified.unwrap());
    assert_eq!(before.unwrap().as_secs(), 5);
}

#[tokio::test]
async fn an_image_has_what_the_client_wants_of_all() {
    let daemon = Daemon::new().local("context", [("f", "x")]);
    let client = daemon.connect().await.unwrap();
    let cache = r#"[{"Type":"registry","Attrs":{"ref":"example.com/cache"}}]"#;
    let options = [
        ("label:a", "b"),
        ("cache-imports", cache),
        ("build-arg:SOURCE_DATE_EPOCH", "5"),
    ];
    let options = Options::parse(options).unwrap();
    let platform = Platform::new("linux", "amd64");
    let config = ImageConfig::scratch(&platform);
    let state = State::local("context");
    let image = client.image(&state, config.clone(), &platform, &options);
    let result = BuildResult::single(&platform, image.await.unwrap());
    let json = result.metadata("containerimage.config").unwrap();
    let labels = ImageConfig::from_json(json).unwrap().config.labels;
    assert_eq!(labels["a"], "b");
    assert_eq!(result.metadata("source.date.epoch").unwrap(), "5");
    assert_eq!(daemon.solves()[0].cache_imports[0].r#type, "registry");

    // A graph that no daemon accepts is refused, with the reason, before it is sent.
    let broken = state.run(Exec::shell("make").mount(Mount::tmpfs("relative")));
    let broken = broken.root();
    let image = client.image(&broken, config, &platform, &options);
    let failure = image.await.unwrap_err();
    assert!(failure.message().contains("relative"), "{failure}");
    assert_eq!(daemon.solves().len(), 1);
}

#[tokio::test]
async fn inputs_are_fetched() {
    let daemon = Daemon::new().input("context", source("local://x"));
    let inputs = daemon.connect().await.unwrap().inputs().await.unwrap();
    assert_eq!(inputs["context"], source("local://x"));
}

#[tokio::test]
async fn warnings_are_shown() {
    let daemon = Daemon::new();
    let client = daemon.connect().await.unwrap();
    let warning = Warning::new("unused")
        .detail("nothing uses it")
        .url("https://example.com")
        .at(SourcePosition::new("Stagefile", "YAML", "a: 1\n").lines(1, 1));
    client.warn(Digest::of(b"v"), warning).await.unwrap();
    client
        .warn(Digest::of(b"v"), Warning::new("no place"))
        .await
        .unwrap();
    let warnings = daemon.warnings();
    assert_eq!(warnings[0].digest, Digest::of(b"v").to_string());
    assert_eq!(
        (warnings[0].level, &warnings[0].short[..]),
        (1, &b"unused"[..])
    );
    assert_eq!(warnings[0].info.as_ref().unwrap().filename, "Stagefile");
    assert!(
        warnings[0]
            .ranges
            .iter()
            .all(|range| range.start.is_some() && range.end.is_some())
    );
    assert_eq!((&warnings[1].info, warnings[1].ranges.len()), (&None, 0));
}

#[tokio::test]
async fn results_are_returned_once() {
    let daemon = Daemon::new();
    let client = daemon.connect().await.unwrap();
    let solved = client
        .solve(SolveRequest::definition(source("local://x")))
        .await
        .unwrap();
    let image = PlatformResult::new(solved.single_reference().cloned()).config_json("{}");
    let result = BuildResult::single(&Platform::new("linux", "amd64"), image);
    client.return_result(result.clone()).await.unwrap();

    let Some(Outcome::Result(returned)) = daemon.outcome() else {
        panic!("no result")
    };
    let Some(wire::result::Result::Ref(reference)) = returned.result else {
        panic!("no ref")
    };
    assert_eq!((reference.id.as_str(), reference.def), ("ref0", None));
    assert_eq!(returned.metadata["containerimage.config"], "{}");
    assert!(returned.metadata.contains_key("refs.platforms"));

    let error = client.return_result(result).await.unwrap_err();
    assert_eq!(error.to_string(), "gateway result is already set");
}

#[tokio::test]
async fn failures_are_returned_with_positions() {
    let daemon = Daemon::new();
    let client = daemon.connect().await.unwrap();
    let position = SourcePosition::new("Stagefile", "YAML", "x").lines(1, 1);
    client
        .return_failure(Failure::new("wrong").at(&position))
        .await
        .unwrap();
    let Some(Outcome::Failure(failure)) = daemon.outcome() else {
        panic!("no failure")
    };
    assert_eq!(failure.message(), "wrong");
    assert_eq!(failure.positions().collect::<Vec<_>>(), [position]);
    assert_eq!(methods(&daemon), [Method::Ping, Method::Return]);
}

#[tokio::test]
async fn errors_of_the_daemon_are_handed_on_whole() {
    let position = SourcePosition::new("f", "", "x").lines(1, 1);
    let failure = Failure::new("process failed")
        .with_exit_code(3)
        .at(&position);
    let daemon = Daemon::new().failing_source("local://x", failure.clone());
    let client = daemon.connect().await.unwrap();
    let request = SolveRequest::definition(source("local://x")).evaluate();
    let error = client.solve(request).await.unwrap_err();
    client.return_failure(error).await.unwrap();
    let Some(Outcome::Failure(returned)) = daemon.outcome() else {
        panic!("no failure")
    };
    assert_eq!(returned.exit_code(), Some(3));
    assert_eq!(returned.positions().collect::<Vec<_>>(), [position]);
    assert_eq!(returned.message(), failure.message());
}

#[tokio::test]
async fn an_image_may_have_no_digest() {
    for without in [[].as_slice(), &["source.metaresolver"]] {
        let daemon = Daemon::new()
            .image("docker.io/library/own:latest", "", "{}")
            .without(without.iter().copied());
        let client = daemon.connect().await.unwrap();
        let own = Reference::parse("own").unwrap();
        let found = client
            .resolve_source(ResolveSource::image(&own))
            .await
            .unwrap()
            .image
            .unwrap();
        assert_eq!(found.digest, None);
        assert_eq!(found.pin(&own).to_string(), "docker.io/library/own:latest");
    }
    let daemon = Daemon::new().image("docker.io/library/odd:latest", "no digest", "{}");
    let odd = ResolveSource::image(&Reference::parse("odd").unwrap());
    let error = daemon
        .connect()
        .await
        .unwrap()
        .resolve_source(odd)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "buildkitd answered `ResolveSourceMeta` without a valid digest"
    );
}
