//! Our program as it runs in a build: a separate process that supervises another.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a supervised script did.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Prepares a command for our program: the one in `STAGEFILE_RUNNER`, such as one for another processor
/// (`qemu-aarch64-static stagefile-run`), or else the one that was built with the test.
fn supervisor() -> Command {
    let given = std::env::var("STAGEFILE_RUNNER").unwrap_or_default();
    let mut words = given.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(env!("CARGO_BIN_EXE_stagefile-run")));
    command.args(words);
    command
}

fn run(settings: &str, program: &[&str]) -> Ended {
    let child = supervisor()
        .env("STAGEFILE_SUPERVISION", settings)
        .args(program)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("our program can be started");
    // Remaining processes keep the outputs open, so these can't be read to their end.
    let deadline = Instant::now() + Duration::from_mins(1);
    let code = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status.code();
        }
        assert!(Instant::now() < deadline, "{program:?} doesn't end");
        std::thread::sleep(Duration::from_millis(20));
    };
    let mut ended = Ended {
        code,
        stdout: String::new(),
        stderr: String::new(),
    };
    let mut buffer = vec![0; 64 << 10];
    let mut output = child.stderr.take().expect("it has an error output");
    let count = output.read(&mut buffer).expect("it can be read");
    ended
        .stderr
        .push_str(&String::from_utf8_lossy(&buffer[..count]));
    if code == Some(0) {
        let mut output = child.stdout.take().expect("it has an output");
        output
            .read_to_string(&mut ended.stdout)
            .expect("it can be read");
    }
    ended
}

fn script(settings: &str, script: &str) -> Ended {
    run(settings, &["/bin/sh", "-e", "-u", "-c", script])
}

/// The program gets the same environment as without us.
#[test]
fn the_variable_is_not_handed_on() {
    let ended = run(r#"[["timeout","60000"]]"#, &["/usr/bin/env"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("PATH="));
    assert!(
        !ended.stdout.contains("STAGEFILE_SUPERVISION"),
        "{}",
        ended.stdout
    );
}

#[test]
fn what_cannot_be_understood_runs_nothing() {
    let ended = script("[[\"retry\"]]", "echo started");
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("can't understand"),
        "{}",
        ended.stderr
    );
}

/// Attempts that end immediately, each with a process that outlives it for a while, and reaps more.
#[test]
fn every_attempt_has_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let ended = script(
        r#"[["retry","9"],["delay","0"]]"#,
        &format!(
            "echo x >> {0}; (sleep 0.0$(wc -l < {0}); exit 77) & (exit 33) & [ $(wc -l < {0}) = 8 ]",
            log.display()
        ),
    );
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(std::fs::read_to_string(log).unwrap().lines().count(), 8);
}

/// The remaining process is in its own session here; in a sandbox it would be another user's.
#[test]
fn an_attempt_that_leaves_processes_is_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let ended = script(
        r#"[["retry","3"],["delay","0"]]"#,
        &format!(
            "setsid /bin/sh -c 'echo $$ > {0}; exec sleep 60' & while ! [ -s {0} ]; do sleep 0.01; done; exit 5",
            pid.display()
        ),
    );
    let left = std::fs::read_to_string(pid).unwrap();
    Command::new("kill").arg(left.trim()).status().unwrap();
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    let expected =
        "failed with exit code 5; it left processes that can't be ended, so it is not tried again";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

/// If a program can't be started, the standard library waits for the child.
#[test]
fn a_program_that_is_not_there_is_tried_once() {
    let ended = run(r#"[["retry","3"],["delay","0"]]"#, &["/no/such/program"]);
    assert_eq!(ended.code, Some(127));
    assert!(
        ended.stderr.contains("can't start /no/such/program"),
        "{}",
        ended.stderr
    );
}
