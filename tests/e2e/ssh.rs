//! An SSH agent is forwarded to the scripts that ask for it.

use stagefile_tests::{Project, SshAgent};

/// Asks the agent for its keys and prints the answer; perl is part of every Debian.
const ASK: &str = r#"perl -e 'use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die; syswrite $s, pack("NC", 1, 11); sysread $s, my $answer, 4096; print $answer'"#;

#[test]
fn forwarding_reaches_the_agent_of_the_client() {
    let project = Project::new(&format!(
        "
stages:
  app:
    from: debian:bookworm-slim
    steps:
      - run: |
          : @TOKEN@
          {ASK} > /answer
        ssh: default
      - run: echo \"${{SSH_AUTH_SOCK-unset}}\" > /later
"
    ));
    let comment = format!("key of {}", project.token());
    let agent = SshAgent::start(&comment);
    let files = project
        .build()
        .option(format!("--ssh=default={}", agent.socket().display()))
        .files();
    let answer = String::from_utf8_lossy(&files.entry("answer").content).into_owned();
    assert!(
        answer.ends_with(&comment),
        "the agent did not answer: {answer:?}"
    );
    assert_eq!(files.text("later"), "unset\n");
}

#[test]
fn agents_have_the_place_and_the_mode_that_are_written() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: stat -c '%F %a %u' /agents/deploy > /seen; echo \"$SSH_AUTH_SOCK\" >> /seen; echo @TOKEN@
        ssh: { id: deploy, target: /agents/deploy, mode: 0660, uid: 1000 }
",
    );
    let agent = SshAgent::start("deploy");
    let files = project
        .build()
        .option(format!("--ssh=deploy={}", agent.socket().display()))
        .files();
    assert_eq!(files.text("seen"), "socket 660 1000\n/agents/deploy\n");
}

#[test]
fn a_build_without_the_agent_fails() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo @TOKEN@
        ssh: deploy
",
    );
    project.build().fail().assert_shows("deploy");
}
