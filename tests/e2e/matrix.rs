//! Tests of `matrix`: a stage exists once for each combination of values, and other stages use one of them, the same
//! one, or all.

use stagefile_tests::Project;

const COMBINATIONS: &str = r#"
stages:
  base:
    matrix: { version: ["1.0", "2.0"] }
    from: busybox:1.35
    env: { VERSION: "${{ matrix.version }}" }
    steps:
      - run: echo base $VERSION of @TOKEN@ > /base
  build:
    matrix:
      version: ["1.0", "2.0"]
      mode: [fast, safe/sound]
      exclude: { version: "1.0", mode: safe/sound }
      include: { version: "2.0", mode: extra }
    from: base
    steps:
      - run: echo $VERSION ${{ matrix.mode }} in ${{ stage.name }} > /out/made
        outputs: { out: /out }
      - write: /mode
        content: ${{ matrix.mode }}
  app:
    from: busybox:1.35
    steps:
      - copy: made
        from: build-2.0-safe-sound.out
        to: /
"#;

/// Each combination is a separate target, on top of the combination of its base with the same values.
#[test]
fn each_combination_is_a_target_with_its_own_values() {
    let project = Project::new(COMBINATIONS);
    for (target, version, mode) in [
        ("build-1.0-fast", "1.0", "fast"),
        ("build-2.0-fast", "2.0", "fast"),
        ("build-2.0-safe-sound", "2.0", "safe/sound"),
        ("build-2.0-extra", "2.0", "extra"),
    ] {
        let files = project.build().target(target).files();
        let base = format!("base {version} of {}\n", project.token());
        assert_eq!(files.text("base"), base, "{target}");
        assert_eq!(files.text("mode"), mode, "{target}");
    }
    // An output after a name that contains dots.
    let files = project.build().files();
    let made = "2.0 safe/sound in build-2.0-safe-sound\n";
    assert_eq!(files.text("made"), made);
}

#[test]
fn what_is_left_out_and_what_is_ambiguous_is_no_target() {
    let project = Project::new(COMBINATIONS);
    let outcome = project.build().target("build-1.0-safe-sound").fail();
    outcome.assert_shows("build-2.0-safe-sound");
    outcome.assert_no_step("[build");
    let default = "
stages:
  app:
    matrix: { v: [1, 2] }
    steps:
      - write: /v
        content: ${{ matrix.v }}
";
    let offered = Project::new(default)
        .build()
        .option("--call=targets")
        .succeed();
    assert!(!offered.text().contains("(default)"), "{}", offered.text());
    let outcome = Project::new(default).build().fail();
    outcome.assert_shows("the last stage has a matrix, so it stands for several stages");
    outcome.assert_shows("`target: app-2`; there are app-1, app-2");
    let named = Project::new(&format!("target: app-1\n{default}"));
    assert_eq!(named.build().files().text("v"), "1");

    let outcome = project.build().target("build").fail();
    outcome.assert_shows("build-1.0-fast");
    outcome.assert_no_step("[build");
}

/// Each test waits until the others have started, so they couldn't succeed one after another.
#[test]
fn requiring_a_matrix_runs_all_combinations_at_the_same_time() {
    let project = Project::new(
        r#"
caches:
  meeting-point: { target: /meet, id: "@TOKEN@" }
stages:
  test:
    matrix: { number: [1, 2, 3] }
    from: busybox:1.35
    steps:
      - run: |
          touch /meet/${{ matrix.number }} # of @TOKEN@
          for i in $(seq 600); do if [ "$(ls /meet | wc -l)" = 3 ]; then exit 0; fi; sleep 0.1; done
          exit 1
        name: wait for the others
        caches: meeting-point
  app:
    requires: [test]
    steps:
      - write: /app
        content: '@TOKEN@'
"#,
    );
    let (files, outcome) = project.build().files_and_outcome();
    for number in 1..=3 {
        outcome.assert_ran(&format!("[test-{number} 1/1] wait"));
    }
    assert_eq!(files.paths().collect::<Vec<_>>(), ["app"]);
}

#[test]
fn one_combination_that_fails_fails_what_requires_the_matrix() {
    let project = Project::new(
        "
stages:
  test:
    matrix: { number: [1, 2, 3] }
    from: busybox:1.35
    steps:
      - run: 'echo @TOKEN@; test ${{ matrix.number }} != 2'
  app:
    requires: [test]
    steps:
      - write: /app
        content: '@TOKEN@'
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("[test-2 1/1]");
    outcome.assert_shows("exit code: 1");
    assert_eq!(outcome.marked_lines(), [7], "{}", outcome.text());
}

/// A matrix requires the same combination of a matrix with the same variables, just like it starts from the same one.
#[test]
fn a_combination_requires_the_same_one() {
    let project = Project::new(
        "
stages:
  test:
    matrix: { number: [1, 2] }
    from: busybox:1.35
    steps:
      - run: 'echo @TOKEN@; test ${{ matrix.number }} != 2'
        name: the test
  app:
    matrix: { number: [1, 2] }
    requires: [test]
    steps:
      - write: /app
        content: '@TOKEN@'
",
    );
    let outcome = project.build().target("app-1").succeed();
    outcome.assert_ran("[test-1 1/1] the test");
    outcome.assert_no_step("[test-2");
    project
        .build()
        .target("app-2")
        .fail()
        .assert_shows("[test-2 1/1]");
}

/// A matrix of platforms makes an image for each, and one stage collects them.
#[test]
fn a_combination_may_have_a_platform_of_its_own() {
    let project = Project::new(
        r#"
stages:
  part:
    matrix: { architecture: [amd64, arm64] }
    platform: linux/${{ matrix.architecture }}
    steps:
      - write: /made-for
        content: ${{ platform.target.arch }} ${{ matrix.architecture }} @TOKEN@
  all:
    steps:
      - copy: /made-for
        from: part-amd64
        to: /amd64
      - copy: /made-for
        from: part-arm64
        to: /arm64
  build:
    from: busybox:1.35
    platform: build
    matrix: { architecture: [amd64, arm64] }
    steps:
      - run: echo "$(uname -m) for ${{ matrix.architecture }} of @TOKEN@" > /made
"#,
    );
    let files = project.build().target("all").files();
    assert!(files.text("amd64").contains("amd64 "));
    assert!(files.text("arm64").ends_with(project.token()));
    let image = project.build().target("part-arm64").image();
    assert_eq!(image.inspect()["Architecture"], "arm64");
    let files = project.build().target("build-arm64").files();
    assert!(files.text("made").contains(" for arm64 of "));
}
