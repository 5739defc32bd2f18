//! The other subcommands, without a daemon.

use std::process::Command;

use crate::{BAD, GOOD, TWO_STAGES, folder, stagefile};

#[test]
fn the_other_verbs_take_dockerfiles_with_arguments_target_and_platform() {
    let folder = folder(&[
        ("Dockerfile", GOOD),
        (
            "golang.json",
            r#"{"os":"linux","architecture":"amd64","config":{"Env":["FROM_BASE=1"],"WorkingDir":"/go"},"rootfs":{"type":"layers","diff_ids":["sha256:aa"]}}"#,
        ),
    ]);
    let run = |arguments: &[&str]| {
        let said = stagefile(folder.path(), arguments, "");
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
        said
    };
    insta::assert_snapshot!("targets", run(&["targets"]).out);
    let outline = run(&["outline", "--build-arg", "VERSION=2", "Dockerfile"]);
    insta::assert_snapshot!("outline", outline.out);
    let json = run(&["outline", "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["secrets"][0]["name"], "token");
    let llb = run(&[
        "llb",
        "--format",
        "text",
        "--platform",
        "linux/arm64",
        "--build-arg",
        "VERSION=1.22",
    ]);
    assert!(
        llb.err
            .contains("the config of golang:1.22 is not known here"),
        "{}",
        llb.err
    );
    insta::assert_snapshot!("llb", llb.out);
    let known = run(&[
        "llb",
        "--format",
        "json",
        "--target",
        "build",
        "--platform",
        "linux/amd64",
        "--image-config",
        "golang:1=golang.json",
    ]);
    assert_eq!(known.err, "");
    assert!(
        known.out.contains("FROM_BASE=1") && !known.out.contains("/server /server"),
        "{}",
        known.out
    );
    let graph = run(&["graph", "--format", "mermaid"]).out;
    assert!(
        graph.starts_with("flowchart LR\n") && graph.contains("-->"),
        "{graph}"
    );
    let lanes = run(&[
        "graph",
        "--platform",
        "linux/arm64",
        "--build-arg",
        "VERSION=1.22",
    ]);
    assert_eq!(
        lanes.out,
        "\
Dockerfile, linux/arm64: 3 steps, 3 one after another, up to 1 at the same time

●  [build 1/2] FROM docker.io/library/golang:1.22
●  [build 2/2] RUN --mount=type=secret,id=token,required go build -o /server . (secret token)
●  [app 1/1] COPY --from=build /server /server
"
    );
    let proto = Command::new(env!("CARGO_BIN_EXE_stagefile"))
        .arg("llb")
        .current_dir(folder.path())
        .output()
        .unwrap();
    buildkit_llb::Definition::from_bytes(proto.stdout).unwrap();

    let said = stagefile(
        folder.path(),
        &["llb", "--format", "text", "--target", "biuld"],
        "",
    );
    assert_eq!(said.code, 1);
    assert!(
        said.err
            .contains("target stage \"biuld\" could not be found (did you mean build?)"),
        "{}",
        said.err
    );
}

#[test]
fn convert_shows_what_has_no_counterpart_at_its_place() {
    let text = "FROM a\nARG NAME\nENV X=${NAME%%.*}\nRUN --mount=type=secret,id=$NAME true\n";
    let folder = folder(&[("Dockerfile", text)]);
    let said = stagefile(folder.path(), &["convert"], "");
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    for part in [
        "2 errors in Dockerfile",
        "error[invalid-dockerfile]: `${NAME%%.*}` has no counterpart",
        " --> Dockerfile:3:7",
        "3 | ENV X=${NAME%%.*}",
        " --> Dockerfile:4:",
    ] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
    // A mistake in the Dockerfile itself looks the same.
    let said = stagefile(folder.path(), &["convert", "-"], BAD);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("2 | COPPY . /"), "{}", said.err);
}

#[test]
fn the_other_tools_answer_without_a_daemon() {
    let folder = folder(&[
        ("in/Stagefile", TWO_STAGES),
        ("in/source/file", ""),
        ("Dockerfile", GOOD),
    ]);
    let run = |arguments: &[&str]| stagefile(folder.path(), arguments, "");
    let bake = run(&["bake", "in", "--platform", "linux/arm64"]).out;
    assert!(
        bake.contains(
            "  context = \"in\"\n  dockerfile = \"Stagefile\"\n  platforms = [\"linux/arm64\"]\n"
        ),
        "{bake}"
    );
    let bake = run(&["bake", "--format", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&bake).expect("JSON");
    assert_eq!(
        json["target"]["app"]["description"], "what is shipped",
        "{bake}"
    );
    // A file outside the context is named so that bake finds it.
    let bake = run(&["bake", "Dockerfile", "--context", "in"]).out;
    let outside = folder.path().canonicalize().expect("a working machine");
    let outside = outside.join("Dockerfile").display().to_string();
    assert!(
        bake.contains(&format!("dockerfile = \"{outside}\"")),
        "{bake}"
    );
    let bake = run(&["bake", "./in/../in/Stagefile", "--context", "in"]).out;
    assert!(bake.contains("dockerfile = \"Stagefile\""), "{bake}");
    let failed = stagefile(folder.path(), &["bake", "-"], TWO_STAGES);
    assert!(failed.err.contains("standard input"), "{}", failed.err);
    let page = run(&["graph", "--format", "html"]).out;
    assert!(
        page.starts_with("<!doctype html>") && page.contains("<title>Dockerfile, linux/"),
        "{page}"
    );
    let caches = run(&["caches", "in", "--format", "json"]).out;
    assert!(caches.contains("\"caches\""), "{caches}");
    assert_eq!(run(&["caches"]).code, 1);
    let version = run(&["version"]).out;
    assert!(version.starts_with("stagefile "), "{version}");
}
