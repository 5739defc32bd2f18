//! Tests of which stage is built.

use stagefile_tests::Project;

fn stages(target: &str) -> Project {
    Project::new(&format!(
        "
{target}
stages:
  first:
    from: busybox:1.35
    steps:
      - run: touch /first; echo @TOKEN@
        name: make first
  second:
    from: busybox:1.35
    steps:
      - run: touch /second; echo @TOKEN@
        name: make second
  third:
    from: busybox:1.35
    steps:
      - run: touch /third; echo @TOKEN@
        name: make third
"
    ))
}

#[test]
fn the_last_stage_is_built_unless_the_file_names_another() {
    let (files, outcome) = stages("").build().files_and_outcome();
    assert!(files.contains("third") && !files.contains("first"));
    outcome.assert_no_step("make first");

    let (files, outcome) = stages("target: second").build().files_and_outcome();
    assert!(files.contains("second") && !files.contains("third"));
    outcome.assert_no_step("make third");
}

#[test]
fn the_client_names_the_stage() {
    let (files, outcome) = stages("target: second")
        .build()
        .target("first")
        .files_and_outcome();
    assert!(files.contains("first") && !files.contains("second"));
    outcome.assert_no_step("make second");
}

#[test]
fn an_unknown_stage_is_refused_with_a_suggestion() {
    let outcome = stages("").build().target("secnd").fail();
    outcome.assert_shows("`secnd`");
    outcome.assert_shows("`second`");
    outcome.assert_no_step("make");
}
