//! Tests of `timeout`: a step that takes too long is ended, with everything that it started.

use std::time::{Duration, Instant};

use stagefile_tests::Project;

/// The grandchild ignores the signal that the script gets, runs in its own session, and keeps the step's output open.
#[test]
fn a_step_that_takes_too_long_ends_with_its_grandchildren() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
          echo began @TOKEN@
          setsid sh -c 'trap \"\" TERM; sleep 300; echo outlived' &
          sleep 300
        timeout: 2s
",
    );
    let began = Instant::now();
    let outcome = project.build().fail();
    assert!(began.elapsed() < Duration::from_mins(1));
    outcome.assert_shows("stopped after 2s, the `timeout` of this step");
    outcome.assert_shows("exit code: 124");
    outcome.assert_shows(&format!("began {}", project.token()));
    assert!(outcome.marked_lines().contains(&6), "{}", outcome.text());
}

#[test]
fn a_timeout_is_no_success_even_where_its_exit_code_is_one() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@; sleep 300
        timeout: 1s
        exit-codes: [0, 124]
",
    );
    project.build().fail().assert_shows("exit code: 125");
}

/// The exit code, user, directory and variables are the program's own.
#[test]
fn a_step_in_time_sees_nothing_of_its_timeout() {
    // A daemon that traces its builds gives every process its own trace.
    let run = "id -u; pwd; env | grep -v -e HOSTNAME -e TRACE -e OTEL_ | sort; cat /proc/sys/kernel/ostype";
    let project = Project::new(&format!(
        "
stages:
  base:
    from: busybox:1.35
    workdir: /work
    user: '1234:567'
    env: {{ TOKEN: '@TOKEN@' }}
  plain:
    from: base
    steps:
      - run: ({run}) > seen
        network: none
  app:
    from: base
    steps:
      - run: ({run}) > seen; exit 7
        network: none
        timeout: 1h
        exit-codes: 7
      - run: [/bin/cp, seen, arguments]
        timeout: 1h
      - run: |
          #!/bin/sh
          cp seen script
        timeout: 1h
"
    ));
    let plain = project.build().target("plain").files();
    let files = project.build().files();
    let seen = files.text("work/seen");
    assert_eq!(seen, plain.text("work/seen"));
    assert!(seen.starts_with("1234\n/work\n"), "{seen}");
    assert_eq!(files.text("work/arguments"), seen);
    assert_eq!(files.text("work/script"), seen);
    assert_eq!(files.below("run"), [""; 0], "the mount left something");
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: [no-such-program, '@TOKEN@']
        timeout: 1h
",
    );
    let outcome = project.build().fail();
    outcome.assert_shows("can't start no-such-program");
    outcome.assert_shows("exit code: 127");
}

/// Without a shell, as another user, in an image that has nothing but the program.
#[test]
fn scratch_needs_nothing_for_it() {
    let project = Project::new(
        "
stages:
  app:
    from: scratch
    steps:
      - copy: /bin/busybox
        from: busybox:1.35
        to: /busybox
      - run: [/busybox, sh, -c, 'sleep 300; echo @TOKEN@']
        user: '1000:1000'
        timeout: 1s
",
    );
    project
        .build()
        .fail()
        .assert_shows("stopped after 1s, the `timeout` of this step");
}

/// The progress shows a step's script, not how it is supervised; the script doesn't see that either.
#[test]
fn a_supervised_step_is_shown_as_it_is_written() {
    let outcome = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: '! env | grep -i stagefile; echo @TOKEN@; exit 3'
        timeout: 1m
        retry: { times: 1, delay: 10ms }
",
    )
    .build()
    .fail();
    outcome.assert_shows("attempt 2 of 2");
    outcome.assert_shows("/bin/sh -e -u -c ! env | grep -i stagefile; echo ");
    outcome.assert_shows("did not complete successfully: exit code: 3");
    outcome.assert_hides("timeout=");
    outcome.assert_hides("STAGEFILE_SUPERVISION");
}
