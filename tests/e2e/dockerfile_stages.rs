//! Tests of `from: { dockerfile: … }`: Dockerfiles whose results are stages.

use stagefile_tests::{Project, frontend};

#[test]
fn a_dockerfile_is_a_base_and_gets_stages_by_name() {
    let project = Project::new(
        "
stages:
  ours:
    from: busybox:1.35
    steps:
      - { write: /ours, content: '@TOKEN@' }
    image: { env: { OURS: inherited } }
  theirs:
    from:
      dockerfile: sub/Dockerfile
      target: build
      args: { WORD: given }
      contexts: { ours: ours }
  app:
    from: theirs
    steps:
      - run: cat /ours /word /copied > /all; echo $THEIRS >> /all; echo $OURS >> /all
      - { copy: /word, from: { dockerfile: sub/Dockerfile, target: plain }, to: /plain }
",
    )
    .with_file(
        "sub/Dockerfile",
        "FROM busybox:1.35 AS plain\nARG WORD=default\nRUN echo -n $WORD > /word\n\
         FROM ours AS build\nARG WORD\nENV THEIRS=$OURS-$WORD\nRUN echo -n $WORD > /word\nCOPY file /copied\nFROM scratch\n",
    )
    .with_file("file", "context");
    let files = project.build().files();
    let expected = format!(
        "{}givencontextinherited-given\ninherited\n",
        project.token()
    );
    assert_eq!(files.text("all"), expected);
    assert_eq!(files.text("plain"), "default");
}

#[test]
fn a_mistake_in_a_dockerfile_is_shown_in_both_files() {
    let project = Project::new("\nstages:\n  app:\n    from: { dockerfile: Dockerfile }\n")
        .with_file("Dockerfile", "FROM busybox:1.35\nRNU true\n");
    let outcome = project.build().fail();
    outcome.assert_shows("Dockerfile:2");
    outcome.assert_shows("Stagefile:4");
    outcome.assert_shows("RNU");
}

#[test]
fn stages_and_dockerfiles_that_wait_for_one_another_are_a_mistake() {
    let project = Project::new(
        "
stages:
  a: { from: { dockerfile: Dockerfile, contexts: { x: b } } }
  b: { from: a }
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("cycle between stages");
}

#[test]
fn a_dockerfile_uses_a_stage_as_a_named_context() {
    let ours = Project::new(
        "\nstages:\n  ours:\n    from: busybox:1.35\n    steps:\n      - { write: /ours, content: '@TOKEN@' }\n",
    );
    let image = ours.build().image();
    let other = Project::new("").with_file("Stagefile", "FROM ours\nRUN cp /ours /copy\n");
    let context = format!("--build-context=ours=docker-image://{}", image.name());
    let files = other.build().option(context).files();
    assert_eq!(files.text("copy"), ours.token());
}

/// The steps are byte for byte those of Docker's own frontend, so they are in its cache.
#[test]
fn what_dockers_own_frontend_built_is_taken_from_the_cache() {
    let dockerfile = "FROM busybox:1.35 AS base\nENV MADE_BY=@TOKEN@\nCOPY file /copied\nRUN cat /copied > /made; echo $MADE_BY >> /made\n\
                      FROM base\nWORKDIR /srv\nRUN --mount=type=bind,from=base,source=/made,target=/m cat /m > both\n";
    let project = Project::new("").with_file("file", "content\n");
    project.write("Stagefile", dockerfile);
    _ = project.build().succeed();
    project.write("Dockerfile", dockerfile);
    project.write(
        "Stagefile",
        &format!(
            "# syntax={}\nstages:\n  app:\n    from: {{ dockerfile: Dockerfile }}\n",
            frontend()
        ),
    );
    let outcome = project.build().succeed();
    let mut count = 0;
    for step in outcome.steps() {
        if ["] RUN ", "] COPY ", "] WORKDIR "]
            .iter()
            .any(|kind| step.name.contains(kind))
        {
            assert!(step.cached, "{step:?} ran again:\n{}", outcome.text());
            count += 1;
        }
    }
    assert_eq!(count, 4, "{}", outcome.text());
}

#[test]
fn a_step_of_a_dockerfile_that_fails_is_shown_there() {
    let project = Project::new("\nstages:\n  app:\n    from: { dockerfile: sub/Dockerfile }\n")
        .with_file(
            "sub/Dockerfile",
            "FROM busybox:1.35\n\nRUN exit 3 # @TOKEN@\n",
        );
    let outcome = project.build().fail();
    outcome.assert_shows("sub/Dockerfile:3");
    outcome.assert_shows("exit code: 3");
}

/// The file's first line makes the daemon start this frontend again, for the same file.
#[test]
fn a_stagefile_that_is_built_by_way_of_itself_ends() {
    let project = Project::new(
        "
stages:
  app:
    from: { dockerfile: Stagefile }
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("Stagefile is built by way of itself");
}
