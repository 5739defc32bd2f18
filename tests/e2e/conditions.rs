//! Tests of `if`: steps that are left out, and stages that don't exist.

use stagefile_tests::Project;

const STAGEFILE: &str = r#"
args: { DEBUG: "0" }
stages:
  debug:
    if: args.DEBUG == "1"
    from: busybox:1.35
    steps:
      - write: /debug-stage
        content: '@TOKEN@'
  app:
    from: busybox:1.35
    steps:
      - run: echo first @TOKEN@ > /first
      - run: echo debugging > /debug
        if: args.DEBUG == "1"
      - parallel:
          - - run: echo branch > /branch
              if: args.DEBUG == "1"
          - - run: echo always > /always
      - copy: /debug-stage
        from: debug
        if: args.DEBUG == "1" && platform.target.os == "linux"
"#;

#[test]
fn a_step_is_there_only_if_its_condition_holds() {
    let project = Project::new(&STAGEFILE.replace("from: debug\n", "from: busybox:1.35\n"));
    let (files, outcome) = project.build().files_and_outcome();
    assert!(files.contains("first") && files.contains("always"));
    assert!(!files.contains("debug") && !files.contains("branch"));
    outcome.assert_no_step("debugging");
    // Steps that are left out aren't counted either.
    outcome.assert_ran("[app 1/2] run echo first");
    outcome.assert_ran("[app 2/2] run echo always");

    let project = Project::new(STAGEFILE);
    let files = project.build().build_arg("DEBUG", "1").files();
    assert_eq!(files.text("debug"), "debugging\n");
    assert_eq!(files.text("branch"), "branch\n");
    assert_eq!(files.text("always"), "always\n");
    assert_eq!(files.text("debug-stage"), project.token());
}

#[test]
fn a_stage_that_does_not_exist_is_no_target() {
    let project = Project::new(STAGEFILE);
    let outcome = project.build().target("debug").fail();
    outcome.assert_shows("absent-stage");
    outcome.assert_shows("this is false");
    outcome.assert_no_step("[debug");
    let files = project
        .build()
        .build_arg("DEBUG", "1")
        .target("debug")
        .files();
    assert_eq!(files.text("debug-stage"), project.token());
}

/// A step that is left out may name a stage that doesn't exist; others may not.
#[test]
fn naming_an_absent_stage_is_an_error_only_where_it_counts() {
    let project = Project::new(STAGEFILE);
    let files = project.build().files();
    assert!(!files.contains("debug-stage"));

    let project = Project::new(&STAGEFILE.replace(" && platform", " || platform"));
    let outcome = project.build().fail();
    outcome.assert_shows("the stage `debug` does not exist: its `if` is false");
    outcome.assert_shows("Stagefile:21");
    outcome.assert_no_step("[app");
}

/// Each platform's graph has its own steps.
#[test]
fn a_condition_on_the_platform_counts_for_each() {
    let project = Project::new(
        r#"
stages:
  app:
    steps:
      - write: /all
        content: '@TOKEN@'
      - write: /arm
        content: '@TOKEN@'
        if: platform.target.arch == "arm64"
"#,
    );
    let build = project.build().option("--platform=linux/amd64,linux/arm64");
    let files = build.files();
    let mut found: Vec<_> = files
        .paths()
        .filter(|path| path.ends_with("/all") || path.ends_with("/arm"))
        .collect();
    found.sort_unstable();
    let expected = ["linux_amd64/all", "linux_arm64/all", "linux_arm64/arm"];
    assert_eq!(found, expected);
}

#[test]
fn a_condition_may_ask_for_the_target() {
    let project = Project::new(
        r#"
stages:
  app:
    steps:
      - write: /app
        content: '@TOKEN@'
      - write: /tested
        content: '@TOKEN@'
        if: target == "tested"
  tested:
    from: app
"#,
    );
    assert!(!project.build().target("app").files().contains("tested"));
    assert!(project.build().target("tested").files().contains("tested"));
}

/// The default target is the last stage that exists.
#[test]
fn the_default_target_is_one_that_exists() {
    let project = Project::new(
        r#"
args: { DEBUG: "0" }
stages:
  app:
    steps:
      - write: /app
        content: '@TOKEN@'
  debug:
    from: app
    if: args.DEBUG == "1"
    steps:
      - write: /debug
        content: '@TOKEN@'
"#,
    );
    let files = project.build().files();
    assert!(files.contains("app") && !files.contains("debug"));
    let files = project.build().build_arg("DEBUG", "1").files();
    assert!(files.contains("app") && files.contains("debug"));
}
