//! `from: { dockerfile: … }`: compiled into the same graph, to the same bytes as the Dockerfile on its own, with
//! locations in it.

use std::collections::BTreeSet;

use buildkit_gateway::Environment;
use buildkit_gateway::testkit::{Call, Daemon, Outcome};
use buildkit_proto::ops::Definition;

const WORKERS: &str = r#"[{"id":"worker","platforms":[{"os":"linux","architecture":"amd64"},{"os":"linux","architecture":"arm64"}]}]"#;

const DOCKERFILE: &str = "\
ARG BASE=known
FROM $BASE AS plain
ARG WORD=default
RUN echo $WORD > /word
FROM plain as build
ENV THEIRS=$WORD
COPY file /copied
";

fn daemon(files: &[(&str, &str)]) -> Daemon {
    let mut daemon = Daemon::new();
    for (path, text) in files {
        for source in ["dockerfile", "context"] {
            daemon = daemon.local(source, [(*path, (*text).to_owned())]);
        }
    }
    let config = r#"{"os":"linux","architecture":"amd64","config":{"Env":["PATH=/bin"],"WorkingDir":"/srv"},"rootfs":{"type":"layers","diff_ids":["sha256:aa"]}}"#;
    let digest = format!("sha256:{}", "a".repeat(64));
    daemon.image("docker.io/library/known:latest", &digest, config.to_owned())
}

async fn build(daemon: &Daemon, options: &[(&str, &str)]) -> Outcome {
    let environment = Environment::from_variables([
        ("BUILDKIT_SESSION_ID".into(), "session".into()),
        ("BUILDKIT_WORKERS".into(), WORKERS.into()),
    ]);
    let environment = environment.with_options(options.iter().copied());
    let outcome = daemon.serve(&environment, stagefile::session::answer).await;
    outcome.expect("an end")
}

/// Builds, and returns the graph of the result.
async fn graph(files: &[(&str, &str)], options: &[(&str, &str)]) -> (Daemon, Definition) {
    let daemon = daemon(files);
    let result = match build(&daemon, options).await {
        Outcome::Result(result) => result,
        Outcome::Failure(failure) => panic!("{failure}"),
    };
    let Some(buildkit_proto::gateway::result::Result::Ref(reference)) = &result.result else {
        panic!("{result:?}");
    };
    let definition = daemon.definition(&reference.id);
    (daemon, definition)
}

const STAGEFILE: &str = "\
stages:
  theirs:
    from: { dockerfile: sub/Dockerfile, target: build, args: { WORD: given } }
  app:
    from: theirs
    steps:
      - run: make
";

#[tokio::test]
async fn it_is_docker_s_graph_with_places_in_the_dockerfile() {
    let files = [
        ("Stagefile", STAGEFILE),
        ("sub/Dockerfile", DOCKERFILE),
        ("file", "x"),
    ];
    let (daemon, ours) = graph(&files, &[]).await;
    let alone = [
        ("filename", "sub/Dockerfile"),
        ("build-arg:WORD", "given"),
        ("platform", "linux/amd64"),
    ];
    let (_, theirs) = graph(&files, &alone).await;
    let operations: BTreeSet<&[u8]> = ours.def.iter().map(|bytes| &bytes[..]).collect();
    // The last one only names the result.
    for operation in &theirs.def[..theirs.def.len() - 1] {
        assert!(
            operations.contains(&operation[..]),
            "{:?}",
            String::from_utf8_lossy(operation)
        );
    }
    // No other frontend was asked.
    assert!(
        daemon
            .solves()
            .iter()
            .all(|solve| solve.frontend.is_empty())
    );
    let source = ours.source.expect("places");
    let lines = |name: &str| {
        let mut lines = BTreeSet::new();
        for location in source.locations.values().flat_map(|all| &all.locations) {
            let index = usize::try_from(location.source_index).expect("an index");
            if source.infos[index].filename == name {
                let starts = location.ranges.iter().filter_map(|range| range.start);
                lines.extend(starts.map(|start| start.line));
            }
        }
        lines
    };
    assert_eq!(lines("sub/Dockerfile"), [2, 4, 7].into());
    assert_eq!(lines("Stagefile"), [7].into());
    let info = source
        .infos
        .iter()
        .find(|info| info.filename == "sub/Dockerfile");
    assert_eq!(info.map(|info| info.language.as_str()), Some("Dockerfile"));
    // The findings of Docker's rules are reported once.
    let warnings = daemon.warnings();
    let said: Vec<_> = warnings
        .iter()
        .map(|warning| String::from_utf8_lossy(&warning.short))
        .collect();
    let casing = said
        .iter()
        .filter(|said| said.starts_with("FromAsCasing"))
        .count();
    assert_eq!(casing, 1, "{said:?}");
}

#[tokio::test]
async fn stages_are_contexts_of_it_by_name_and_it_has_a_platform_of_its_own() {
    let stagefile = "\
stages:
  ours:
    from: known
    steps: [{ write: /ours, content: x }]
    image: { env: { OURS: inherited } }
  app:
    from: { dockerfile: Dockerfile, platform: linux/arm64, contexts: { base: ours } }
";
    let files = [
        ("Stagefile", stagefile),
        (
            "Dockerfile",
            "FROM base AS a\nENV COPY=$OURS\nRUN --mount=from=base,target=/m true\n",
        ),
    ];
    let (_, definition) = graph(&files, &[]).await;
    let run = definition
        .def
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let run: Vec<String> = run.filter(|text| text.contains("COPY=inherited")).collect();
    assert_eq!(run.len(), 1, "{definition:?}");
    assert!(run[0].contains("arm64"), "{run:?}");
}

#[tokio::test]
async fn mistakes_are_shown_at_their_places_in_both_files() {
    let stagefile = "stages:\n  app:\n    from: { dockerfile: sub/Dockerfile }\n";
    let files = [
        ("Stagefile", stagefile),
        ("sub/Dockerfile", "FROM known\nRNU true\nSTOPSIGNAL NO\n"),
    ];
    let Outcome::Failure(failure) = build(&daemon(&files), &[]).await else {
        panic!("it is built");
    };
    let message = failure.message();
    assert!(
        message.starts_with(
            "dockerfile parse error on line 2: unknown instruction: RNU (did you mean ENV?)"
        ),
        "{message}"
    );
    assert!(message.contains("--> sub/Dockerfile:3:12"), "{message}");
    let places: Vec<(String, i32)> = failure
        .positions()
        .map(|position| {
            (
                position.file.filename.clone(),
                position.ranges[0].start.line,
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            ("Stagefile".to_owned(), 3),
            ("sub/Dockerfile".to_owned(), 2)
        ]
    );
}

#[tokio::test]
async fn call_check_says_what_is_wrong_in_the_dockerfile() {
    let stagefile = "stages:\n  app:\n    from: { dockerfile: sub/Dockerfile }\n";
    let files = [
        ("Stagefile", stagefile),
        ("sub/Dockerfile", "FROM known as a\nSTOPSIGNAL NO\n"),
    ];
    let Outcome::Result(result) = build(&daemon(&files), &[("requestid", "frontend.lint")]).await
    else {
        panic!("it is no answer");
    };
    let json: serde_json::Value = serde_json::from_slice(&result.metadata["result.json"]).unwrap();
    assert_eq!(json["warnings"][0]["ruleName"], "FromAsCasing", "{json}");
    assert_eq!(json["warnings"][0]["location"]["sourceIndex"], 1, "{json}");
    assert_eq!(json["sources"][1]["language"], "Dockerfile", "{json}");
    assert!(
        json["buildError"]["message"]
            .as_str()
            .unwrap()
            .contains("--> sub/Dockerfile:2:12"),
        "{json}"
    );
}

/// A Dockerfile that asks for another frontend is handed to the daemon, which runs that one. Docker's own language is
/// compiled here.
#[tokio::test]
async fn other_frontends_are_asked() {
    let stagefile = "stages:\n  app:\n    from: { dockerfile: Dockerfile }\n";
    for (syntax, asked) in [("someone/other:1", true), ("docker/dockerfile:1", false)] {
        let text = format!("# syntax={syntax}\nFROM known\nRUN x\n");
        let daemon = daemon(&[("Stagefile", stagefile), ("Dockerfile", &text)]);
        _ = build(&daemon, &[]).await;
        let solves = daemon.solves();
        let was_asked = solves.iter().any(|solve| solve.frontend == "dockerfile.v0");
        assert_eq!(was_asked, asked, "{syntax}");
    }
}

#[tokio::test]
async fn secrets_that_are_required_are_asked_for_before_anything_runs() {
    let stagefile = "stages:\n  app:\n    from: { dockerfile: Dockerfile }\n";
    let text =
        "FROM known\nRUN --mount=type=secret,id=npm,required --mount=type=secret,id=other x\n";
    let daemon = daemon(&[("Stagefile", stagefile), ("Dockerfile", text)]);
    _ = build(&daemon, &[]).await;
    let asked: Vec<String> = daemon
        .calls()
        .into_iter()
        .filter_map(|call| match call {
            Call::NewContainer(request) => Some(request),
            _ => None,
        })
        .flat_map(|request| request.mounts)
        .filter_map(|mount| Some(mount.secret_opt?.id))
        .collect();
    assert_eq!(asked, ["npm"]);
}
