//! Tests of secrets and SSH agents.

use stagefile_tests::{Project, SshAgent};

use crate::{on_all, since};

#[test]
fn a_secret_is_a_file() {
    let project = Project::new(
        "
secrets:
  key: { target: /keys/key, mode: 0440, uid: 1000 }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: stat -c '%a %u %s' /keys/key > /seen; echo @TOKEN@
        secrets: key
",
    );
    on_all(project.build().secret("key", "content"), |files| {
        assert_eq!(files.text("seen"), "440 1000 7\n");
        // Daemons before 23.0 leave the empty file that was created as the mount point.
        assert!(!files.contains("keys/key") || files.text("keys/key").is_empty());
    });
}

#[test]
fn a_missing_secret_is_named() {
    let project = Project::new(
        "
secrets: { key: {} }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: cat /run/secrets/key; echo @TOKEN@
        secrets: key
",
    );
    project.build().fail().assert_shows("--secret id=key");
}

#[test]
fn a_secret_is_a_variable() {
    let project = Project::new(
        "
secrets: { key: { env: KEY } }
stages:
  app:
    from: busybox:1.35
    steps:
      - run: echo ${#KEY} > /seen; echo @TOKEN@
        secrets: key
",
    );
    let build = project.build().secret("key", "content");
    since((23, 0), "exec.secretenv").expect(build, |files| assert_eq!(files.text("seen"), "7\n"));
}

#[test]
fn an_agent_is_forwarded() {
    let project = Project::new(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: stat -c '%F %a' \"$SSH_AUTH_SOCK\" > /seen; echo @TOKEN@
        ssh: default
",
    );
    let agent = SshAgent::start("key");
    let build = project
        .build()
        .option(format!("--ssh=default={}", agent.socket().display()));
    on_all(build, |files| {
        assert_eq!(files.text("seen"), "socket 600\n");
    });
}
