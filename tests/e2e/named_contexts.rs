//! Tests of `--build-context` and `from: { context: … }`.

use stagefile_tests::Project;

#[test]
fn a_folder_of_the_client_is_a_source() {
    let library = Project::new("")
        .with_file("lib/code", "library")
        .with_file("other", "other");
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - copy: lib/code
        from: { context: library }
        to: /
      - run: cat bound/other > /other; echo @TOKEN@
        mounts: { from: { context: library }, to: /bound }
",
    );
    let build = || {
        project.build().option(format!(
            "--build-context=library={}",
            library.path().display()
        ))
    };
    let files = build().files();
    assert_eq!(
        (files.text("code"), files.text("other")),
        ("library", "other")
    );
}

#[test]
fn an_image_replaces_the_base_of_a_stage() {
    let project = Project::new(
        "
stages:
  app:
    from: { context: base }
    steps:
      - run: cat /etc/passwd | wc -l > /lines; echo @TOKEN@
",
    );
    let files = project
        .build()
        .option("--build-context=base=docker-image://alpine:3.20")
        .files();
    assert!(files.contains("lines") && files.contains("bin/busybox"));
}

#[test]
fn a_context_that_is_not_given_names_the_flag() {
    let project = Project::new("\nstages:\n  app:\n    from: { context: library }\n");
    let outcome = project.build().fail();
    outcome.assert_shows("`library`");
    outcome.assert_shows("--build-context library=");
}

#[test]
fn a_folder_of_the_client_replaces_a_stage_where_it_is_a_source() {
    let given = Project::new("").with_file("out", "given");
    let project = Project::new(
        "
stages:
  build:
    steps:
      - { write: /out, content: built }
  app:
    steps:
      - { copy: out, from: build, to: /word }
      - { copy: out, from: { stage: build }, to: /stage }
",
    );
    let files = project.build().files();
    assert_eq!(files.text("word"), "built");
    let option = format!("--build-context=build={}", given.path().display());
    let files = project.build().option(option).files();
    assert_eq!(
        (files.text("word"), files.text("stage")),
        ("given", "built")
    );
}

#[test]
fn contexts_of_other_targets_are_not_asked_for() {
    let project = Project::new(
        "
stages:
  other:
    from: { context: not-given }
    steps:
      - run: echo
        caches: apk
  mistyped:
    from: ap
  app:
    from: busybox:1.35
    steps:
      - write: /made
        content: '@TOKEN@'
",
    );
    let (files, outcome) = project.build().files_and_outcome();
    assert!(files.contains("made"));
    outcome.assert_shows("there is no stage `ap`");
    let outcome = project.build().target("other").fail();
    outcome.assert_shows("the client gave no context `not-given`");
    let outcome = project.build().option("--call=caches").succeed();
    outcome.assert_no_step("[other");
    let outcome = project.build().option("--call=outline").succeed();
    outcome.assert_shows("app");
}
