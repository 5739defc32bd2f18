//! Tests of caches with the test kit's daemon: what is exported, imported and reported.

use buildkit_gateway::Failure;
use buildkit_gateway::testkit::Daemon;
use buildkit_proto::gateway as wire;
use buildkit_proto::ops::op;

use crate::session::tests::harness::{
    ask, daemon, graph, lines, names, operations, script, warnings,
};

const FILE: &str = "
caches:
  objects: { target: /objects, id: objects }
  empty: { target: /empty, id: empty }
stages:
  other:
    from: busybox:1.35
    steps: [{ run: make other, caches: empty }]
  app:
    from: busybox:1.35
    steps: [{ run: make app, caches: objects }]
";
/// The names of our program's processes for a cache, and the file that they write.
const LOOK: &str = "[caches] look at objects";
const FILL: &str = "[caches] import objects";
const OUTCOME: &str = "objects-bd434ae159f82c36";
const EMPTY: &str = "empty-aff7154e0232c981";
const IMPORT: [(&str, &str); 1] = [("context:caches", "local:caches")];

/// Returns a daemon on which saving the caches has this outcome.
fn saving(objects: &str, empty: &str) -> Daemon {
    let files = [(OUTCOME, objects.to_owned()), (EMPTY, empty.to_owned())];
    daemon(FILE).result_of("[internal] collect results of caches", files)
}

#[tokio::test]
async fn only_archives_that_were_made_are_delivered() {
    let daemon = saving("kept\n0,3,15", "new\n");
    ask(&daemon, &[("target", "@caches")]).await.unwrap();
    let joined = operations(&daemon)
        .into_iter()
        .find_map(|one| match one.op {
            Some(op::Op::Merge(merge)) => Some(merge.inputs.len()),
            _ => None,
        });
    assert_eq!(joined, Some(3));
    let names = names(&graph(&daemon));
    assert!(
        !names.iter().any(|one| one == "[caches] save empty"),
        "{names:?}"
    );
}

#[tokio::test]
async fn all_caches_of_the_file_are_exported_together() {
    let daemon = saving("kept\n0", "kept\n0");
    ask(&daemon, &[("target", "@caches")]).await.unwrap();
    let graph = graph(&daemon);
    let names = names(&graph);
    for name in ["[caches] save objects", "[caches] save empty"] {
        assert!(names.iter().any(|one| one == name), "{names:?}");
    }
    // The stages themselves aren't built.
    assert!(!names.iter().any(|one| one.contains("make")), "{names:?}");
    let (_, exec) = script(&graph, "objects-");
    let cache = exec.mounts.iter().find_map(|mount| mount.cache_opt.clone());
    assert_eq!(cache.unwrap().id, "objects");
    // Their content may be different in another build.
    let meta = exec.meta.unwrap();
    assert!(
        meta.env
            .iter()
            .any(|pair| pair.len() > "STAGEFILE_NONCE=".len()
                && pair.starts_with("STAGEFILE_NONCE="))
    );
    assert_eq!(warnings(&daemon), [""; 0]);
}

#[tokio::test]
async fn a_file_without_caches_has_nothing_to_export() {
    let daemon = daemon("stages: { app: { from: busybox:1.35, steps: [{ run: make }] } }\n");
    ask(&daemon, &[("target", "@caches")]).await.unwrap();
    assert_eq!(warnings(&daemon), ["no stage of the file uses a cache"]);
}

/// Returns a daemon with a cache for which our program reports this.
fn with(look: &str, fill: &str) -> Daemon {
    let daemon = daemon(FILE).result_of(LOOK, [(OUTCOME, look.to_owned())]);
    daemon.result_of(FILL, [(OUTCOME, fill.to_owned())])
}

/// Returns the cache processes that were requested.
fn asked(daemon: &Daemon) -> Vec<&'static str> {
    let graphs = daemon
        .solves()
        .into_iter()
        .filter_map(|solve| solve.definition);
    let names = graphs.flat_map(|graph| graph.metadata.into_values());
    let names: Vec<_> = names
        .filter_map(|mut one| one.description.remove("llb.customname"))
        .collect();
    [LOOK, FILL]
        .into_iter()
        .filter(|name| names.iter().any(|one| one == name))
        .collect()
}

#[tokio::test]
async fn only_new_caches_are_filled_before_the_build() {
    let kept = with("kept", "");
    ask(&kept, &IMPORT).await.unwrap();
    assert_eq!(asked(&kept), [LOOK]);
    let new = with("new", "filled 3");
    ask(&new, &IMPORT).await.unwrap();
    assert_eq!(asked(&new), [LOOK, FILL]);
    assert_eq!(warnings(&new), [""; 0]);
    // Caches that a build empties anyway are ignored, and so is everything if there is no context.
    let emptied = with("new", "filled 3");
    ask(&emptied, &[IMPORT[0], ("no-cache", "app")])
        .await
        .unwrap();
    assert_eq!(asked(&emptied), [""; 0]);
    let without = with("new", "filled 3");
    ask(&without, &[]).await.unwrap();
    assert_eq!(asked(&without), [""; 0]);
}

/// A cache may be empty for one platform, and in use for another.
#[tokio::test]
async fn the_caches_of_every_platform_are_looked_at() {
    let daemon = with("kept", "");
    let options = [IMPORT[0], ("platform", "linux/amd64,linux/arm64")];
    ask(&daemon, &options).await.unwrap();
    let graphs = daemon
        .solves()
        .into_iter()
        .filter_map(|solve| solve.definition);
    let looks = graphs.filter(|graph| {
        let mut operations = graph.metadata.values();
        operations.any(|one| {
            one.description
                .get("llb.customname")
                .is_some_and(|name| name == LOOK)
        })
    });
    assert_eq!(looks.count(), 2);
}

/// It is enough that one stage is rebuilt.
#[tokio::test]
async fn a_cache_that_a_build_empties_is_left_alone() {
    let file = FILE.replace("caches: empty", "caches: objects");
    let file = file.replace("  app:\n", "  app:\n    requires: [other]\n");
    let daemon = daemon(&file).result_of(LOOK, [(OUTCOME, "kept")]);
    ask(&daemon, &[IMPORT[0], ("no-cache", "other")])
        .await
        .unwrap();
    assert_eq!(asked(&daemon), [""; 0]);
}

#[tokio::test]
async fn all_caches_of_the_file_are_listed() {
    let daemon = daemon(FILE);
    let answer = ask(&daemon, &[("requestid", "frontend.caches")])
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&answer.metadata["result.txt"]).into_owned();
    assert!(text.contains("objects") && text.contains("empty"), "{text}");
}

/// The archives aren't an image, even if an image has that name.
#[tokio::test]
async fn the_context_of_caches_is_nothing_to_start_from() {
    let config = r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:0"]}}"#;
    let digest = format!("sha256:{:064}", 0);
    for reference in ["caches", "caches:latest"] {
        let file =
            format!("stages: {{ app: {{ from: '{reference}', steps: [{{ run: make }}] }} }}\n");
        let daemon = daemon(&file).image("docker.io/library/caches:latest", &digest, config);
        ask(&daemon, &IMPORT).await.unwrap();
        let names = names(&graph(&daemon));
        let image = format!("docker-image://docker.io/library/caches:latest@{digest}");
        assert!(
            names.contains(&image) || names.iter().any(|name| name.starts_with("from caches")),
            "{names:?}"
        );
    }
}

#[tokio::test]
async fn what_limits_leave_out_is_told() {
    let told = async |outcome: &str| {
        let daemon = saving(&format!("{outcome}\n0"), "new\n");
        let options = [
            ("target", "@caches"),
            ("build-arg:STAGEFILE_CACHES", "max-age=48h max-size=2g"),
        ];
        ask(&daemon, &options).await.unwrap();
        let graph = graph(&daemon);
        let arguments = script(&graph, "max-age=172800").1.meta.unwrap().args;
        assert!(arguments.contains(&"max-size=2147483648".to_owned()));
        // It isn't one of the presets whose files are useful on their own.
        assert!(!arguments.contains(&"divisible".to_owned()));
        warnings(&daemon)
    };
    assert_eq!(told("kept").await, [""; 0]);
    assert_eq!(
        told("reduced 3 40").await,
        ["the cache `objects` is saved without its 3 oldest files, 40 bytes, by STAGEFILE_CACHES"]
    );
    assert_eq!(
        told("left-out its files have 9 bytes").await,
        ["the cache `objects` isn't saved, by STAGEFILE_CACHES: its files have 9 bytes"]
    );
}

#[tokio::test]
async fn presets_say_which_caches_can_be_divided() {
    let file = "stages: { app: { from: busybox:1.35, steps: [{ run: make, caches: [go] }] } }\n";
    let daemon = daemon(file);
    let options = [
        ("target", "@caches"),
        ("build-arg:STAGEFILE_CACHES", "max-size=1k"),
    ];
    // On this daemon, our program writes nothing.
    let failure = ask(&daemon, &options).await.unwrap_err();
    assert!(failure.message().starts_with("open go-"), "{failure}");
    let graph = graph(&daemon);
    let divisible = |words: &str| {
        let arguments = script(&graph, words).1.meta.unwrap().args;
        arguments.contains(&"divisible".to_owned())
    };
    assert!(divisible("go-build-"));
    assert!(!divisible("go-modules-"));
}

#[tokio::test]
async fn wrong_limits_are_mistakes() {
    for (words, expected) in [
        (
            "max-age=2d",
            "`max-age=2d`: it takes a duration such as 10m",
        ),
        (
            "max-size=2g max-size=2GB",
            "`max-size=2GB`: it takes a size in bytes",
        ),
        (
            "size=1",
            "`size=1`: it takes `max-age=DURATION` or `max-size=SIZE`",
        ),
    ] {
        let options = [("build-arg:STAGEFILE_CACHES", words)];
        let failure = ask(&daemon(FILE), &options).await.unwrap_err();
        let expected = format!("STAGEFILE_CACHES can't have {expected}");
        assert!(failure.message().starts_with(&expected), "{failure}");
    }
}

#[tokio::test]
async fn of_several_platforms_one_has_the_archives() {
    let holders = async |platforms: &str| {
        let options = [("target", "@caches"), ("platform", platforms)];
        let result = ask(&saving("kept\n0", "new\n"), &options).await.unwrap();
        match result.result.unwrap() {
            wire::result::Result::Refs(map) => {
                let mut held: Vec<(String, bool)> = map
                    .refs
                    .into_iter()
                    .map(|(platform, reference)| (platform, !reference.id.is_empty()))
                    .collect();
                held.sort();
                held
            }
            other => panic!("{other:?}"),
        }
    };
    let held = |pairs: [(&str, bool); 2]| pairs.map(|(one, has)| (one.to_owned(), has));
    assert_eq!(
        holders("linux/arm64,linux/amd64").await,
        held([("linux/amd64", true), ("linux/arm64", false)])
    );
    assert_eq!(
        holders("linux/s390x,linux/arm64").await,
        held([("linux/arm64", false), ("linux/s390x", true)])
    );
}

#[tokio::test]
async fn archives_may_be_in_directories_of_platforms() {
    let new = with("new", "filled 3");
    ask(&new, &IMPORT).await.unwrap();
    let sources = new
        .solves()
        .into_iter()
        .filter_map(|solve| solve.definition);
    let followed = sources
        .flat_map(|graph| graph.def)
        .any(|bytes| String::from_utf8_lossy(&bytes).contains(&format!("*/{OUTCOME}.tar")));
    assert!(followed);
}

#[tokio::test]
async fn a_build_goes_on_without_the_image_of_caches() {
    let daemon = daemon(FILE);
    let image = ("context:caches", "docker-image://example.com/caches");
    ask(&daemon, &[image]).await.unwrap();
    let warnings = warnings(&daemon);
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:?}")
    };
    assert!(
        warning.starts_with("the context `caches` can't be had, so new caches stay empty: ")
            && warning.contains("example.com/caches"),
        "{warning}"
    );
}

#[tokio::test]
async fn a_build_goes_on_if_the_archives_stop_in_the_middle() {
    let daemon = with("new", "filled 3").failure_of(FILL, Failure::new("short read"));
    ask(&daemon, &IMPORT).await.unwrap();
    let warnings = warnings(&daemon);
    let expected = "the context `caches` can't be had, so new caches stay empty: short read";
    assert_eq!(warnings, [expected]);
}

#[tokio::test]
async fn what_came_of_an_archive_is_told() {
    let absent = with("new", "absent");
    ask(&absent, &IMPORT).await.unwrap();
    let expected = format!("the context `caches` has nothing for 1 of 1 new caches: {OUTCOME}.tar");
    assert_eq!(warnings(&absent), [expected]);
    let failure = ask(&with("new", "broken it ends early"), &IMPORT)
        .await
        .unwrap_err();
    assert!(
        failure
            .message()
            .starts_with("the cache `objects` can't be imported: "),
        "{failure}"
    );
    assert!(failure.message().ends_with(": it ends early"), "{failure}");
    assert_eq!(lines(&failure), [11]);
    let failure = ask(&with("new", "what"), &IMPORT).await.unwrap_err();
    assert_eq!(
        failure.message(),
        "the frontend's own program doesn't say what it did"
    );
}
