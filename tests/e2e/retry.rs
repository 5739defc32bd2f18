//! Tests of `retry`: a failing step is tried again.

use stagefile_tests::Project;

/// A step that counts its attempts in a file of the sandbox, which outlives them.
fn project(script: &str, options: &str) -> Project {
    Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
          echo attempt of @TOKEN@
          echo attempt >> /log
          {script}
        name: the step
        {options}
"
    ))
}

#[test]
fn a_step_is_tried_until_it_succeeds() {
    let project = project(
        "[ $(wc -l < /log) = 3 ] || exit 9",
        "retry: { times: 5, delay: 100ms }",
    );
    let outcome = project.build().succeed();
    outcome.assert_shows("failed with exit code 9; attempt 2 of 6 in 100ms");
    outcome.assert_shows("failed with exit code 9; attempt 3 of 6 in 200ms");
}

#[test]
fn the_last_failure_counts() {
    let project = project("exit $((7 + $(wc -l < /log)))", "retry: 1");
    let outcome = project.build().fail();
    outcome.assert_shows("attempt 2 of 2 in 1s");
    outcome.assert_shows("exit code: 9");
}

#[test]
fn only_the_named_exit_codes_are_tried_again() {
    let project = project(
        "exit $(wc -l < /log)",
        "retry: { times: 5, delay: 0s, exit-codes: 1 }",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("exit code: 2");
}

/// An attempt that takes too long counts as failed, and the processes that it left are gone before the next.
#[test]
fn the_timeout_is_for_each_attempt() {
    let project = project(
        "if pidof sleep; then exit 1; fi; sleep 222 & sleep 300",
        "timeout: 1s\n        retry: { times: 2, delay: 100ms }",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("failed with a timeout of 1s; attempt 3 of 3 in 200ms");
    outcome.assert_shows("exit code: 124");
}

/// A process of root can't be killed by another user. It would still run during the next attempt, so there is none.
#[test]
fn an_attempt_that_leaves_a_process_of_root_is_the_last() {
    let outcome = Project::new(
        "
stages:
  app:
    from: python:3.11-slim-bookworm
    steps:
      - run: cp $(readlink -f $(which python3)) /suid; chmod 4755 /suid
      - run: |
          echo @TOKEN@ >> /tmp/log
          /suid -c 'import os, time; os.setresuid(0, 0, 0); time.sleep(60)' > /dev/null 2>&1 &
          sleep 2
          [ $(wc -l < /tmp/log) = 2 ]
        user: '1000'
        retry: 2
",
    )
    .build()
    .fail();
    outcome.assert_shows(
        "failed with exit code 1; it left processes that can't be ended, so it is not tried again",
    );
    outcome.assert_shows("exit code: 1");
}
