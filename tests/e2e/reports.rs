//! Tests of `reports`: files of a stage that are delivered even after a failure.

use std::fs;

use stagefile_tests::{Outcome, Project};

/// A stage whose script ends as `verdict` says, between one that succeeds and one that mustn't run after a failure. The
/// token also gives it a directory that no other build has.
const STAGEFILE: &str = "
stages:
  test:
    from: busybox:1.35
    workdir: /src/@TOKEN@
    steps:
      - run: mkdir results; echo @TOKEN@ > results/first.xml; chmod 640 results/first.xml
        name: the preparation
      - run: |
          echo the log of @TOKEN@
          echo @TOKEN@ > results/second.xml
          ln -s second.xml results/latest
          mkdir -p /cover/deep; echo page > /cover/deep/index.html
          echo log > /tmp/test.log
          exit $(cat verdict)
        name: the tests
        bind: verdict
      - run: echo @TOKEN@ > results/third.xml
        name: the rest
    reports:
      junit: results
      coverage: /cover
      log: /tmp/test.log
      nothing: none
  app:
    from: busybox:1.35
    requires: test
";

fn project(verdict: &str) -> Project {
    Project::new(STAGEFILE).with_file("verdict", verdict)
}

#[test]
fn reports_of_a_failed_stage_are_delivered() {
    let project = project("3");
    let (files, outcome) = project.build().target("test@reports").files_and_outcome();
    let first = files.entry("junit/first.xml");
    assert_eq!(first.mode, 0o640);
    assert_eq!(files.text("junit/second.xml").trim(), project.token());
    let link = files.entry("junit/latest").link.as_deref();
    assert_eq!(link, Some("second.xml"));
    assert_eq!(files.text("coverage/deep/index.html"), "page\n");
    assert_eq!(files.text("log/test.log"), "log\n");
    assert_eq!(files.text("exit-code.txt"), "3\n");
    assert!(!files.contains("junit/third.xml") && !files.contains("nothing"));
    outcome.assert_no_step("the rest");

    // The failure is still reported.
    let log = outcome.step("[test 3/4] the tests").log;
    assert!(log.contains("the log of"), "{log}");
    outcome.assert_shows("exit code: 3");
    outcome.assert_shows("failed-script: the stage `test` failed with exit code 3");
    outcome.assert_shows("(line 9)");
    outcome.assert_shows(&format!(
        "missing-report: the stage `test` left nothing at `/src/{}/none`",
        project.token()
    ));
}

#[test]
fn reports_of_a_stage_that_succeeds_are_delivered() {
    let project = project("0");
    let (files, outcome) = project.build().target("test@reports").files_and_outcome();
    assert_eq!(files.entry("junit/first.xml").mode, 0o640);
    assert_eq!(files.text("junit/third.xml").trim(), project.token());
    assert_eq!(files.text("coverage/deep/index.html"), "page\n");
    assert_eq!(files.text("log/test.log"), "log\n");
    assert_eq!(files.text("exit-code.txt"), "0\n");
    assert!(!files.contains("nothing"));
    outcome.assert_shows(&format!(
        "missing-report: the stage `test` left nothing at `/src/{}/none`",
        project.token()
    ));
    outcome.assert_hides("failed-script");

    // What succeeded is shared with normal builds of the stage.
    project.build().succeed().assert_cached("the tests");
}

/// A delivered failure is still a failure: nothing else treats it as a success.
#[test]
fn a_delivered_failure_is_never_a_success() {
    let project = project("3");
    let deliver = || project.build().target("test@reports").succeed();
    let ran = |outcome: &Outcome| {
        outcome
            .step("[test 3/4] the tests")
            .log
            .contains("the log of")
    };
    assert!(ran(&deliver()));

    let outcome = project.build().fail();
    outcome.assert_shows("exit code: 3");
    assert!(ran(&outcome));
    let outcome = project.build().target("test").fail();
    assert!(ran(&outcome));

    let again = deliver();
    assert!(
        ran(&again),
        "the failing step was not run again:\n{}",
        again.text()
    );
    again.assert_cached("the preparation");
}

#[test]
fn what_the_stage_needs_has_to_succeed() {
    let project = Project::new(
        "
stages:
  deps:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /report; exit 6
        name: the base
    reports: { own: /report }
  test:
    from: deps
    steps:
      - run: echo tested
    reports: { report: /report }
  other:
    from: busybox:1.35
    steps:
      - run: cat /in/report
        mounts: [{ from: deps, to: /in }]
    reports: { report: /report }
",
    );
    for target in ["test@reports", "other@reports"] {
        let outcome = project.build().target(target).fail();
        outcome.assert_shows("exit code: 6");
        outcome.assert_hides("failed-script");
        assert_eq!(outcome.marked_lines(), [6, 7], "{}", outcome.text());
    }
    let files = project.build().target("deps@reports").files();
    assert_eq!(files.text("own/report").trim(), project.token());
}

/// Required stages decide about a stage's result, but reports are needed most when something is wrong.
#[test]
fn what_the_stage_requires_is_not_waited_for() {
    let project = Project::new(
        "
stages:
  lint:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@; exit 7
        name: the linter
  test:
    from: busybox:1.35
    requires: lint
    steps:
      - run: echo @TOKEN@ > /report
    reports: { report: /report }
",
    );
    let (files, outcome) = project.build().target("test@reports").files_and_outcome();
    assert_eq!(files.text("report/report").trim(), project.token());
    outcome.assert_no_step("the linter");
    project.build().fail().assert_shows("exit code: 7");
}

#[test]
fn every_combination_of_a_matrix_has_its_own() {
    let project = Project::new(
        "
stages:
  test:
    matrix: { code: [0, 4] }
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ of ${{ matrix.code }} > /report; exit ${{ matrix.code }}
    reports: { report: /report }
",
    );
    let (files, outcome) = project.build().target("test@reports").files_and_outcome();
    for code in ["0", "4"] {
        let text = files.text(&format!("test-{code}/report/report"));
        assert_eq!(text.trim(), format!("{} of {code}", project.token()));
        let exit_code = files.text(&format!("test-{code}/exit-code.txt"));
        assert_eq!(exit_code.trim(), code);
    }
    outcome.assert_shows("the stage `test-4` failed with exit code 4");
    let files = project.build().target("test-4@reports").files();
    assert_eq!(files.text("exit-code.txt"), "4\n");
}

/// With a timeout, in a branch, as another user, and below links, a failing script behaves like any other.
#[test]
fn however_a_script_fails_its_reports_are_there() {
    let project = Project::new(
        "
stages:
  slow:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /report; sleep 60
        timeout: 1s
    reports: { report: /report }
  branches:
    from: busybox:1.35
    steps:
      - parallel:
          - - run: sleep 1; echo @TOKEN@
          - - run: echo @TOKEN@ > /report; exit 9
    reports: { report: /report }
  links:
    from: busybox:1.35
    user: 1000:1000
    steps:
      - run: |
          mkdir -p /tmp/deep; echo @TOKEN@ > /tmp/deep/report; chmod 0 /tmp/deep/report; chmod 0 /tmp/deep
          ln -s /tmp/deep/report /tmp/report; ln -s /nowhere /tmp/nowhere
          exit 5
    reports: { report: /tmp/report, directory: /tmp/deep, nowhere: /tmp/nowhere }
",
    );
    for (stage, code) in [("slow", "124"), ("branches", "9"), ("links", "5")] {
        let target = format!("{stage}@reports");
        let files = project.build().target(&target).files();
        assert_eq!(files.text("report/report").trim(), project.token());
        assert_eq!(files.text("exit-code.txt").trim(), code);
        if stage == "links" {
            assert_eq!(files.entry("directory/report").owner, (1000, 1000));
            assert!(!files.contains("nowhere"));
        }
    }
}

/// A report that can't be delivered doesn't affect the others.
#[test]
fn links_in_a_circle_and_into_proc_lose_no_other_report() {
    for code in ["0", "7"] {
        let project = Project::new(&format!(
            "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: |
          mkdir /results; echo @TOKEN@ > /results/a.xml
          ln -s itself /results/itself; ln -s /proc/self /results/process
          ln -s itself /itself; ln -s /proc/self /process; ln -s /proc/self/environ /secrets
          exit {code}
    reports: {{ results: /results, itself: /itself, process: /process, secrets: /secrets }}
"
        ));
        let (files, outcome) = project.build().target("test@reports").files_and_outcome();
        assert_eq!(files.text("results/a.xml").trim(), project.token());
        assert_eq!(
            files.entry("results/itself").link.as_deref(),
            Some("itself")
        );
        assert_eq!(files.text("exit-code.txt").trim(), code);
        for missing in ["itself", "process", "secrets"] {
            assert!(
                !files.contains(&format!("{missing}/{missing}")),
                "{missing}"
            );
        }
        outcome.assert_shows("missing-report: the stage `test` left");
    }
}

#[test]
fn each_platform_has_its_own_folder() {
    let project = Project::new(
        "
stages:
  test:
    from: busybox:1.35
    platform: build
    steps:
      - run: echo @TOKEN@ for ${{ platform.target.arch }} > /report; exit 2
    reports: { report: /report }
",
    );
    let files = project
        .build()
        .target("test@reports")
        .option("--platform=linux/amd64,linux/arm64")
        .files();
    for arch in ["amd64", "arm64"] {
        let text = files.text(&format!("linux_{arch}/report/report"));
        assert_eq!(text.trim(), format!("{} for {arch}", project.token()));
    }
}

#[test]
fn a_folder_of_the_client_gets_the_reports() {
    let project = project("3");
    let out = tempfile::tempdir().expect("a temporary folder can be made");
    let _ = project
        .build()
        .target("test@reports")
        .option(format!("--output={}", out.path().display()))
        .succeed();
    let text = fs::read_to_string(out.path().join("junit/second.xml")).expect("a report");
    assert_eq!(text.trim(), project.token());
}

#[test]
fn the_rules_of_the_file_count() {
    let project = project("3");
    project.write_stagefile(&format!("lint: {{ missing-report: error }}{STAGEFILE}"));
    let outcome = project.build().target("test@reports").fail();
    outcome.assert_shows("error[missing-report]");
    let rules = "lint: { missing-report: off, failed-script: off }";
    project.write_stagefile(&format!("{rules}{STAGEFILE}"));
    let (files, outcome) = project.build().target("test@reports").files_and_outcome();
    assert_eq!(files.text("exit-code.txt"), "3\n");
    outcome.assert_hides("failed-script");
    outcome.assert_hides("missing-report");
}

#[test]
fn clients_are_told_which_reports_there_are() {
    let project = project("0");
    let targets = project.build().option("--call=targets").succeed();
    targets.assert_shows("test@reports");
    targets.assert_shows("reports: junit, coverage, log, nothing");
    targets.assert_hides("app@reports");
    let outline = project.build().target("test@reports");
    let outline = outline.option("--call=outline").succeed();
    outline.assert_shows("test@reports");
    let outcome = project.build().target("test@report").fail();
    outcome.assert_shows("did you mean `test@reports`?");
}
