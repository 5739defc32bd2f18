//! Tests of stages that start from others, and of the file's defaults.

use stagefile_tests::Project;

#[test]
fn a_stage_goes_on_where_its_base_ended() {
    let files = Project::new(
        "
stages:
  base:
    from: busybox:1.35
    workdir: /work
    user: '1000'
    env: { BASE: base, BOTH: base }
    steps:
      - run: echo \"$BASE @TOKEN@\" > /tmp/base
  app:
    from: base
    env: { BOTH: app }
    steps:
      - run: echo \"$(cat /tmp/base | wc -l) $BASE $BOTH $(id -u) $(pwd)\" > /tmp/app
",
    )
    .build()
    .files();
    assert_eq!(files.text("tmp/app"), "1 base app 1000 /work\n");
}

#[test]
fn defaults_are_where_every_stage_starts() {
    let files = Project::new(
        "
defaults:
  env: { COMMON: file, OWN: file }
  network: none
  workdir: /common
stages:
  app:
    from: busybox:1.35
    env: { OWN: stage }
    steps:
      - run: echo \"$COMMON $OWN $(pwd) $(ls /sys/class/net) @TOKEN@\" > /seen
",
    )
    .build()
    .files();
    assert!(
        files.text("seen").starts_with("file stage /common lo "),
        "{}",
        files.text("seen")
    );
}

#[test]
fn scratch_is_empty() {
    let files = Project::new(
        "
stages:
  app:
    from: scratch
    steps:
      - write: /only
        content: '@TOKEN@'
",
    )
    .build()
    .files();
    assert_eq!(files.paths().collect::<Vec<_>>(), ["only"]);
}
