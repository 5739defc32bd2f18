//! Tests of a script's resource limits: seen from inside, or refused with their location.

use stagefile_tests::Project;

#[test]
fn ulimits_are_those_of_the_stage_and_of_the_step() {
    let files = Project::new(
        "
defaults:
  ulimits: { nofile: 1000 }
stages:
  base:
    from: busybox:1.35
    ulimits: { fsize: { soft: 1048576, hard: 2097152 } }
    steps:
      - run: grep -E 'Max (open files|file size|core)' /proc/self/limits > /stage; echo @TOKEN@
  app:
    from: base
    steps:
      - run: grep -E 'Max (open files|file size|core)' /proc/self/limits > /step
        ulimits: { nofile: { soft: 20, hard: 40 }, core: 0 }
      - run: |
          dd if=/dev/zero of=/large bs=1M count=3 2>/dev/null || rm /large
          echo tried > /tried
",
    )
    .build()
    .files();
    let rows = |name: &str| -> Vec<String> {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        files.text(name).lines().map(words).collect()
    };
    let stage = rows("stage");
    assert!(
        stage.contains(&"Max open files 1000 1000 files".to_owned()),
        "{stage:?}"
    );
    assert!(
        stage.contains(&"Max file size 1048576 2097152 bytes".to_owned()),
        "{stage:?}"
    );
    let step = rows("step");
    assert!(
        step.contains(&"Max file size 1048576 2097152 bytes".to_owned()),
        "{step:?}"
    );
    assert!(
        step.contains(&"Max core file size 0 0 bytes".to_owned()),
        "{step:?}"
    );
    assert!(
        step.contains(&"Max open files 20 40 files".to_owned()),
        "{step:?}"
    );
    // The limit is effective, too: a larger file couldn't be written.
    assert!(files.contains("tried") && !files.contains("large"));
}

#[test]
fn the_client_s_ulimits_count_where_the_file_says_nothing() {
    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ulimit -n > /client; echo @TOKEN@
      - run: ulimit -n > /own
        ulimits: { nofile: 20 }
",
    )
    .build()
    .option("--ulimit=nofile=30:30")
    .files();
    assert_eq!(files.text("client"), "30\n");
    assert_eq!(files.text("own"), "20\n");
}

/// By the daemon's cgroup, or by our own program: the kernel reports the same for both.
#[test]
fn cpuset_says_on_which_processors_a_script_runs() {
    let seen = "grep Cpus_allowed_list /proc/self/status | cut -f2";
    let files = Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ({seen}) > /all; echo @TOKEN@
      - run: ({seen}) > /one
        limits: {{ cpuset: 0 }}
      - run: nproc > /count
        limits: {{ cpuset: 0 }}
"
    ))
    .build()
    .files();
    assert_eq!(files.text("one"), "0\n");
    assert_eq!(files.text("count"), "1\n");
    assert_ne!(files.text("all"), "\n");
}

/// A whole number works on every daemon: as CPU time if the daemon can limit that, otherwise as a number of processors.
#[test]
fn cpus_limits_processor_time() {
    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    limits: { cpus: 1 }
    steps:
      - run: |
          : @TOKEN@
          for number in 1 2 3 4; do
            timeout 2 sh -c 'while :; do :; done' &
          done
          wait || :
          times | tail -n 1 > /times
",
    )
    .build()
    .files();
    // Four processes that were busy for two seconds used two seconds of CPU time in total, not eight.
    let text = files.text("times");
    let user = text.split_whitespace().next().unwrap_or_default();
    let (minutes, seconds) = user.trim_end_matches('s').split_once('m').expect(user);
    let seconds: f64 = minutes.parse::<f64>().unwrap() * 60.0 + seconds.parse::<f64>().unwrap();
    assert!(seconds < 2.9, "{text}");
}

#[test]
fn a_processor_that_is_not_there_is_named() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
        limits: { cpuset: 0-900 }
",
    );
    let outcome = project.build().fail();
    assert!(outcome.text().contains("cpuset"), "{}", outcome.text());
}

/// Either it works, or the build ends before anything runs, with the location of the key.
#[test]
fn memory_is_limited_or_refused() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
          dd if=/dev/zero of=/dev/null bs=200M count=1 2>&1; echo @TOKEN@
        limits:
          memory: 50m
",
    );
    let outcome = project.build().fail();
    if outcome.text().contains("unsupported-feature") {
        outcome.assert_shows("a limit of memory needs BuildKit 0.31");
        outcome.assert_shows("--> Stagefile:9:19");
        outcome.assert_no_step("[app");
    }
}

#[test]
fn cgroup_parent_is_where_the_script_runs_below() {
    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: cat /proc/self/cgroup > /own; echo @TOKEN@
        cgroup-parent: /stagefile-@TOKEN@
      - run: cat /proc/self/cgroup > /other
",
    )
    .build()
    .files();
    let (own, other) = (files.text("own"), files.text("other"));
    assert!(own.contains("/stagefile-"), "{own}");
    assert!(!other.contains("/stagefile-"), "{other}");
}

#[test]
fn devices_are_asked_for_and_may_be_optional() {
    let project = Project::new(
        "
target: with
stages:
  with:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@ > /ran
        devices: { name: stagefile.example/none=one, optional: true }
  without:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
        devices: stagefile.example/none=one
",
    );
    let files = project.build().files();
    assert!(files.contains("ran"));
    let outcome = project.build().target("without").fail();
    outcome.assert_shows("stagefile.example/none=one");
}
