//! Tests of reports of a failing stage.

use stagefile_tests::Project;

#[test]
fn reports_of_a_failed_stage_are_delivered() {
    let project = Project::new(
        "
stages:
  test:
    from: busybox:1.35
    steps:
      - run: mkdir /results; echo @TOKEN@ > /results/report; exit 3
    reports: { junit: /results, none: /none }
",
    );
    let files = project.build().target("test@reports").files();
    assert_eq!(files.text("junit/report").trim(), project.token());
    assert_eq!(files.text("exit-code.txt"), "3\n");
    project.build().fail().assert_shows("exit code: 3");
}
