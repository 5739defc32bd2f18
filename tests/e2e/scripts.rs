//! Tests of how scripts run.

use stagefile_tests::Project;

fn stage(steps: &str) -> Project {
    Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    workdir: /made/by/the/stage
    steps:
      - write: /token
        content: '@TOKEN@'
{steps}"
    ))
}

#[test]
fn a_script_stops_at_the_first_error_and_at_an_unset_variable() {
    let outcome =
        stage("      - run: |\n          echo one\n          false\n          echo two\n")
            .build()
            .fail();
    assert!(
        !outcome
            .text()
            .lines()
            .any(|line| line.ends_with(" two") && line.starts_with('#')),
        "{}",
        outcome.text()
    );
    stage("      - run: echo \"$NO_SUCH_VARIABLE\"\n")
        .build()
        .fail()
        .assert_shows("NO_SUCH_VARIABLE");
}

#[test]
fn the_workdir_exists_and_scripts_start_there() {
    let files = stage("      - run: pwd > /seen\n").build().files();
    assert_eq!(files.text("seen"), "/made/by/the/stage\n");
    assert!(files.entry("made/by/the/stage").directory);
}

#[test]
fn a_list_is_run_without_a_shell() {
    let files = stage("      - run: [touch, '/$HOME *']\n").build().files();
    assert!(
        files.contains("$HOME *"),
        "{:?}",
        files.paths().collect::<Vec<_>>()
    );
}

#[test]
fn a_script_names_its_interpreter() {
    let project = Project::new(
        r#"
stages:
  app:
    from: python:3.11-slim-bookworm
    steps:
      - run: |
          #!/usr/bin/env python3
          # @TOKEN@
          import sys
          open("/seen", "w").write(f"{sys.version_info.major} {'quoted'} $HOME")
"#,
    );
    assert_eq!(project.build().files().text("seen"), "3 quoted $HOME");
}

#[test]
fn another_shell_is_used_when_written() {
    let files = Project::new(
        r#"
stages:
  app:
    from: debian:bookworm-slim
    shell: [/bin/bash, -euo, pipefail, -c]
    steps:
      - run: words=(one two @TOKEN@); echo "${words[1]}" > /seen
"#,
    )
    .build()
    .files();
    assert_eq!(files.text("seen"), "two\n");
}

#[test]
fn dollars_belong_to_the_shell() {
    let files = stage(
        r#"
      - run: |
          name=value; nested="${name:-$(echo x)}"
          echo "$nested ${#name} $((1 + 1)) \$" '$${{ literal }}' > /seen
"#,
    )
    .build()
    .files();
    assert_eq!(files.text("seen"), "value 5 2 $ ${{ literal }}\n");
}

#[test]
fn user_env_and_workdir_of_a_step_are_its_own() {
    let files = Project::new(
        r#"
stages:
  app:
    from: busybox:1.35
    env: { KEPT: stage, CHANGED: stage }
    steps:
      - mkdir: /open
        mode: 0777
      - run: echo "$(id -u):$(id -g) $(pwd) $KEPT $CHANGED $ADDED" > /open/first; echo @TOKEN@
        user: "1000:2000"
        workdir: /tmp
        env: { CHANGED: step, ADDED: step }
      - run: echo "$(id -u) $(pwd) $KEPT $CHANGED ${ADDED-unset}" > /open/second
"#,
    )
    .build()
    .files();
    assert_eq!(files.text("open/first"), "1000:2000 /tmp stage step step\n");
    assert_eq!(files.text("open/second"), "0 / stage stage unset\n");
}

#[test]
fn other_exit_codes_may_count_as_success() {
    let files = stage("      - run: touch /seen; exit 3\n        exit-codes: [0, 3]\n")
        .build()
        .files();
    assert!(files.contains("seen"));
    stage("      - run: exit 4\n        exit-codes: [0, 3]\n")
        .build()
        .fail()
        .assert_shows("exit code: 4");
}

#[test]
fn a_tmpfs_is_empty_and_left_out() {
    let files = stage(
        "
      - run: grep ' /scratch ' /proc/mounts | cut -d ' ' -f 3 > /kind; touch /scratch/file
        tmpfs: { to: /scratch, size: 1m }
",
    )
    .build()
    .files();
    assert_eq!(files.text("kind"), "tmpfs\n");
    assert!(!files.contains("scratch/file"));
}

/// Beyond 128 KiB no program gets a script as an argument.
#[test]
fn a_long_script_is_a_file_by_itself() {
    let lines = "          : 0123456789abcdef\n".repeat(12_000);
    let project = Project::new(&format!(
        "
stages:
  app:
    from: busybox:1.35
    steps:
      - run: |
{lines}          case $- in *u*e*|*e*u*) echo strict: @TOKEN@;; esac; false; echo not reached
        user: nobody
        timeout: 1m
"
    ));
    let outcome = project.build().fail();
    outcome.assert_shows(&format!("strict: {}", project.token()));
    outcome.assert_hides("not reached");
    outcome.assert_hides("argument list too long");
    outcome.assert_shows("/bin/sh -e -u -c . /run/stagefile/script\" did not complete");
    let length = outcome.text().len();
    assert!(length < 40_000, "{length} bytes are shown");
}
