//! Tests of `requires`: stages that must succeed, and that leave nothing behind.

use stagefile_tests::Project;

const STAGEFILE: &str = "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: |
          echo @TOKEN@ > /from-the-test
          exit $(cat verdict)
        name: the test
        bind: verdict
  app:
    from: busybox:1.35
    requires: test
    steps:
      - write: /app
        content: app of @TOKEN@
";

#[test]
fn a_failing_requirement_fails_the_build() {
    let project = Project::new(STAGEFILE).with_file("verdict", "7");
    let outcome = project.build().fail();
    outcome.assert_shows("exit code: 7");
    assert!(
        outcome.marked_lines().contains(&7),
        "the failing script is not shown:\n{}",
        outcome.text()
    );
    outcome.assert_no_step("exporting");
}

#[test]
fn a_requirement_that_succeeds_leaves_nothing_in_the_image() {
    let project = Project::new(STAGEFILE).with_file("verdict", "0");
    let (files, outcome) = project.build().files_and_outcome();
    outcome.assert_ran("the test");
    assert_eq!(files.text("app"), format!("app of {}", project.token()));
    assert!(!files.contains("from-the-test"));

    let image = project.build().image();
    assert!(!image.history().contains("the test") && !image.history().contains("verdict"));
    let with = image.inspect()["RootFS"]["Layers"].as_array().map(Vec::len);
    project.write_stagefile(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - write: /app
        content: app of @TOKEN@
",
    );
    let without = project.build().image().inspect()["RootFS"]["Layers"]
        .as_array()
        .map(Vec::len);
    assert_eq!(with, without, "the requirement adds a layer");
}

#[test]
fn a_stage_on_top_needs_what_its_base_requires() {
    let project = Project::new(
        "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@; exit 7
  base:
    from: busybox:1.35
    requires: test
    steps:
      - write: /base
        content: '@TOKEN@'
  app:
    steps:
      - copy: /base
        from: base
",
    );
    project.build().fail().assert_shows("exit code: 7");
}

#[test]
fn a_requirement_of_a_stage_that_is_not_built_does_not_run() {
    let project = Project::new(
        "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@; exit 7
        name: the test
  checked:
    from: busybox:1.35
    requires: test
  app:
    from: busybox:1.35
    steps:
      - write: /app
        content: '@TOKEN@'
",
    );
    project.build().succeed().assert_no_step("the test");
    project
        .build()
        .target("checked")
        .fail()
        .assert_shows("exit code: 7");
}

/// The output of a step is a result of the stage, too, although not part of its files.
#[test]
fn an_output_needs_what_its_stage_requires() {
    let project = Project::new(
        "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@; exit 7
  build:
    from: busybox:1.35
    requires: test
    steps:
      - run: echo @TOKEN@ > /out/made
        outputs: { out: /out }
  app:
    steps:
      - copy: made
        from: build.out
        to: /
",
    );
    project.build().fail().assert_shows("exit code: 7");
}
