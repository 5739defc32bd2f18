//! Tests that an SSH agent is forwarded to the scripts that ask for it.

use stagefile_tests::{Project, SshAgent};

/// Asks the agent for its key, has it sign the token, and prints the comment of the key and the data of the signature.
///
/// The client's side of the forwarding decodes both requests and asks the agent itself. Perl is part of every Debian.
const ASK: &str = r#"
use IO::Socket::UNIX;
my $agent = IO::Socket::UNIX->new($ENV{SSH_AUTH_SOCK}) or die "no agent: $!";
sub take {
  my $taken = "";
  while (length $taken < $_[0]) { sysread $agent, $taken, $_[0] - length $taken, length $taken or die "the agent hung up"; }
  $taken
}
sub ask {
  syswrite $agent, pack("N/a*", $_[0]);
  my ($kind, $rest) = unpack("C a*", take(unpack("N", take(4))));
  $kind == $_[1] or die "the agent answers $kind";
  $rest
}
my ($count, $key, $comment) = unpack("N N/a* N/a*", ask(pack("C", 11), 12));
my ($signature) = unpack("N/a*", ask(pack("C N/a* N/a* N", 13, $key, "sign @TOKEN@", 0), 14));
my ($algorithm, $data) = unpack("N/a* N/a*", $signature);
print "$count $algorithm, $comment, $data";
"#;

#[test]
fn forwarding_reaches_the_agent_of_the_client() {
    let project = Project::new(
        "
stages:
  app:
    from: debian:bookworm-slim
    steps:
      - run: perl ask > /answer; echo @TOKEN@
        bind: ask
        ssh: default
      - run: echo \"${SSH_AUTH_SOCK-unset}\" > /later
",
    )
    .with_file("ask", ASK);
    let agent = SshAgent::start(&format!("key of {}", project.token()));
    let files = project
        .build()
        .option(format!("--ssh=default={}", agent.socket().display()))
        .files();
    let token = project.token();
    assert_eq!(
        files.text("answer"),
        format!("1 ssh-ed25519, key of {token}, sign {token}")
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
