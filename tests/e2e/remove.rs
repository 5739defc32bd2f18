//! Tests of `remove` steps.

use stagefile_tests::Project;

fn project(step: &str) -> Project {
    Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /app
    steps:
      - run: mkdir folder; touch folder/file one.log two.log keep; echo @TOKEN@
{step}"
    ))
}

#[test]
fn files_directories_and_patterns_are_removed() {
    let files = project(
        "
      - remove: folder
      - remove: '*.log'
        glob: true
      - remove: [nothing, /app/nothing]
        optional: true
",
    )
    .build()
    .files();
    assert_eq!(files.below("app"), ["keep"]);
}

#[test]
fn removing_what_is_not_there_fails_unless_it_is_optional() {
    project("      - remove: nothing\n")
        .build()
        .fail()
        .assert_shows("nothing");
}
