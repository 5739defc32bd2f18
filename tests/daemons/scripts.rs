//! Tests of how scripts end.

use stagefile_tests::Project;

use crate::expectation::daemon;
use crate::{on_all, since};

#[test]
fn other_exit_codes_may_count_as_success() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /seen; exit 3
        exit-codes: [0, 3]
",
    );
    since((28, 0), "exec.validexitcode").expect(project.build(), |files| {
        assert!(files.contains("seen"));
    });
}

#[test]
fn ulimits_are_set() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ulimit -n > /seen; echo @TOKEN@
        ulimits: { nofile: 77 }
",
    );
    since((23, 0), "exec.meta.ulimit").expect(project.build(), |files| {
        assert_eq!(files.text("seen"), "77\n");
    });
}

/// Limited by the daemon or by our own program.
#[test]
fn whole_processors_are_limited() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: grep Cpus_allowed_list /proc/self/status > /seen; echo @TOKEN@
        limits: { cpuset: 0 }
",
    );
    on_all(project.build(), |files| {
        assert_eq!(files.text("seen"), "Cpus_allowed_list:\t0\n");
    });
}

#[test]
fn a_failing_script_fails_the_build_and_shows_its_line() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
      - run: exit 42
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("exit code: 42");
    // 20.10 loses the details of errors, including those of its own frontend.
    if daemon() >= (23, 0) {
        assert_eq!(outcome.marked_lines(), [7], "{}", outcome.text());
    }
}

#[test]
fn mistakes_in_the_file_are_told() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    stesp: []
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("`stesp`");
    outcome.assert_shows("`steps`");
}

#[test]
fn a_second_build_is_cached() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@; cat file
        name: the script
        bind: file
",
    )
    .with_file("file", "content");
    project.build().succeed().assert_ran("the script");
    project.build().succeed().assert_cached("the script");
}
