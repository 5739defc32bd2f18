//! Tests of `every`: a step that runs again after some time.

use std::thread::sleep;
use std::time::Duration;

use stagefile_tests::Project;

fn project(every: &str) -> Project {
    Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: head -c 16 /dev/urandom | sha256sum > /before; echo @TOKEN@
        name: make before
      - run: head -c 16 /dev/urandom | sha256sum > /again
        name: make again
        every: {every}
"
    ))
}

/// The period is longer than a century, so none ends between the builds.
#[test]
fn a_step_is_cached_while_its_time_lasts() {
    let project = project("1000000h");
    let first = project.build().files();
    sleep(Duration::from_secs(2));
    let (second, outcome) = project.build().files_and_outcome();
    assert_eq!(first.text("again"), second.text("again"));
    outcome.assert_cached("make again");
    assert_eq!(first.below("run"), [""; 0], "the mount left something");
}

#[test]
fn a_step_runs_again_when_its_time_is_over() {
    let project = project("2s");
    let first = project.build().files();
    sleep(Duration::from_millis(2100));
    let (second, outcome) = project.build().files_and_outcome();
    assert_eq!(first.text("before"), second.text("before"));
    assert_ne!(first.text("again"), second.text("again"));
    outcome.assert_cached("make before");
    outcome.assert_ran("make again");
}
