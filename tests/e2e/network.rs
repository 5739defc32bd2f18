//! Tests of a script's network.

use stagefile_tests::Project;

#[test]
fn a_step_without_network_has_only_itself() {
    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: ls /sys/class/net > /with; echo @TOKEN@
      - run: ls /sys/class/net > /without
        network: none
",
    )
    .build()
    .files();
    assert_eq!(files.text("without"), "lo\n");
    // The harness gives the host's network to steps that don't refuse it.
    assert_ne!(files.text("with"), "lo\n");
}

#[test]
fn hosts_and_hostname_are_as_written() {
    let files = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    network: none
    hosts: { mirror.example: 192.0.2.7 }
    steps:
      - run: grep mirror.example /etc/hosts > /hosts; hostname > /name; echo @TOKEN@
        hostname: builder
",
    )
    .build()
    .files();
    let words: Vec<_> = files.text("hosts").split_whitespace().collect();
    assert_eq!(words, ["192.0.2.7", "mirror.example"]);
    assert_eq!(files.text("name"), "builder\n");
}
