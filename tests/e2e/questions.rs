//! Tests of `--call`: subrequests about a file instead of a build.

use stagefile_tests::Project;

const STAGEFILE: &str = "
args:
  CHANNEL: { default: stable, description: which release }
secrets:
  token: {}
stages:
  build:
    description: the tools
    from: busybox:1.35
    steps:
      - run: cat /run/secrets/token
        secrets: token
        env: { CHANNEL: '${{ args.CHANNEL }}' }
        ssh: default
        caches: apk
  app:
    from: build
";

#[test]
fn targets_are_listed_with_their_descriptions() {
    let outcome = Project::new(STAGEFILE)
        .build()
        .option("--call=targets")
        .succeed();
    outcome.assert_shows("the tools");
    outcome.assert_shows("app (default)");
    outcome.assert_shows("@caches");
    outcome.assert_no_step("cat /run/secrets/token");
}

#[test]
fn caches_are_listed_with_their_ids() {
    let project = Project::new(STAGEFILE);
    let outcome = project.build().option("--call=caches").succeed();
    outcome.assert_shows("apk");
    outcome.assert_shows("/etc/apk/cache");
    outcome.assert_shows("apk@linux/");
    let outcome = project
        .build()
        .option("--call=caches,format=json")
        .succeed();
    outcome.assert_shows("\"ID\":\"apk@linux/");
    outcome.assert_shows("\"stages\":[\"build\"]");
}

#[test]
fn an_outline_lists_what_the_target_takes() {
    let outcome = Project::new(STAGEFILE)
        .build()
        .option("--call=outline")
        .succeed();
    for part in [
        "CHANNEL",
        "stable",
        "which release",
        "token",
        "default",
        "true",
    ] {
        outcome.assert_shows(part);
    }
}

#[test]
fn a_check_of_a_good_file_finds_nothing() {
    let outcome = Project::new(STAGEFILE)
        .build()
        .option("--call=check")
        .succeed();
    outcome.assert_shows("Check complete, no warnings found.");
}

#[test]
fn a_check_reports_mistakes_and_fails() {
    let project = Project::new("\nstages:\n  app: { form: busybox }\n");
    let outcome = project.build().option("--call=check").fail();
    outcome.assert_shows("`form`");
    outcome.assert_shows("did you mean `from`?");
    // A mistake that is only found when a graph is made, in a stage that the target doesn't need.
    let conflict = "
stages:
  other:
    from: busybox:1.35
    steps:
      - run: make
        bind: [a/x, b/x]
  app: { from: busybox:1.35 }
";
    let outcome = Project::new(conflict).build().option("--call=check").fail();
    outcome.assert_shows("`/x` is mounted twice");
}

#[test]
fn an_unknown_question_is_refused() {
    let outcome = Project::new(STAGEFILE)
        .build()
        .option("--call=nonsense")
        .fail();
    outcome.assert_shows("unsupported request frontend.nonsense");
    outcome.assert_shows(
        "`--call` takes one of: check, outline, targets, graph, caches, lock, fix, fmt, expand, bake, init, diff, layers,",
    );
}

#[test]
fn a_dockerfile_is_built_as_one_with_a_hint() {
    let project = Project::new("\nFROM busybox:1.35\nRUN echo @TOKEN@ > /made\n");
    let (files, outcome) = project.build().files_and_outcome();
    assert_eq!(files.text("made").trim(), project.token());
    outcome.assert_shows("Stagefile is a Dockerfile");
}
