//! Tests of Dockerfiles: they are compiled to what each daemon supports, or refused at the instruction that needs more.

use stagefile_tests::{Project, frontend};

use crate::on_all;

/// Makes a project with a Dockerfile instead of a Stagefile.
fn project(dockerfile: &str) -> Project {
    let project = Project::new("")
        .with_file("source/one", "one of @TOKEN@")
        .with_file("source/two", "two of @TOKEN@");
    let text = dockerfile.replace("@TOKEN@", project.token());
    project.write("Stagefile", &format!("# syntax={}\n{text}", frontend()));
    project
}

#[test]
fn stages_arguments_and_config() {
    let project = project(
        "ARG BASE=busybox:1.35
FROM ${BASE} AS build
ARG WHO=nobody
WORKDIR /made
COPY source/ .
RUN cat one two > all && echo ${WHO} >> all
FROM scratch AS app
COPY --from=build --chown=7:8 /made/all /all
ENV FROM_A_DOCKERFILE=yes
ENTRYPOINT [\"/all\"]
",
    );
    on_all(project.build().build_arg("WHO", "somebody"), |files| {
        let all = files.text("all");
        assert!(
            all.contains("one of") && all.contains("two of") && all.ends_with("somebody\n"),
            "{all}"
        );
        assert_eq!(files.entry("all").owner, (7, 8));
    });
    let config = project.build().image().config();
    assert_eq!(config["Entrypoint"], serde_json::json!(["/all"]));
    assert_eq!(config["Env"][1], "FROM_A_DOCKERFILE=yes");
}

#[test]
fn mounts_and_heredocs() {
    let project = project(
        "FROM busybox:1.35 AS app
COPY <<EOF /greeting
hello @TOKEN@
EOF
RUN --mount=type=bind,source=source,target=/in --mount=type=cache,target=/kept,id=@TOKEN@ \\
    --mount=type=tmpfs,target=/tmp/memory <<EOF
cp /in/one /copied
touch /kept/file /tmp/memory/file
ls /kept > /seen
EOF
",
    );
    on_all(project.build(), |files| {
        assert!(files.text("greeting").starts_with("hello "));
        assert!(files.text("copied").starts_with("one of "));
        assert_eq!(files.text("seen"), "file\n");
        assert!(!files.contains("kept/file") && !files.contains("tmp/memory/file"));
    });
}

#[test]
fn a_stage_of_a_stagefile() {
    let project = Project::new(
        "
stages:
  app:
    from: { dockerfile: Dockerfile }
    steps:
      - run: echo on top >> /made
",
    )
    .with_file(
        "Dockerfile",
        "FROM busybox:1.35\nRUN echo @TOKEN@ > /made\n",
    );
    on_all(project.build(), |files| {
        let made = files.text("made");
        assert_eq!(made, format!("{}\non top\n", project.token()));
    });
}

#[test]
fn directories_that_are_kept() {
    let project = project(
        "FROM busybox:1.35 AS app
COPY --parents source/one /
",
    );
    // With a pattern for what to copy, which an old daemon would ignore.
    on_all(project.build(), |files| {
        assert_eq!(files.below("source"), ["one"]);
    });
}

#[test]
fn mistakes_are_shown_with_their_lines() {
    let project = project("FROM busybox:1.35 AS app\nCOPPY source /\nSTOPSIGNAL NO\n");
    let outcome = project.build().fail();
    outcome.assert_shows("unknown instruction: COPPY (did you mean COPY?)");
    outcome.assert_shows("invalid signal: NO");
}
