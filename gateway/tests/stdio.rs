//! Tests a frontend as the daemon starts it: a process with two pipes.
//!
//! This program acts as the daemon, and starts itself as the frontend.

use std::env;
use std::process::Stdio;

use buildkit_gateway::testkit::{Daemon, Outcome};
use buildkit_gateway::{BuildResult, Client, Environment, Error, Failure};
use tokio::io::{copy_bidirectional, join};
use tokio::process::Command;

/// The environment variable that is set for the frontend.
const IS_FRONTEND: &str = "IS_FRONTEND";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    if env::var_os(IS_FRONTEND).is_some() {
        return Ok(Client::from_stdio().await?.serve(build).await?);
    }
    // Test runners use this to list the tests.
    if env::args().any(|argument| argument == "--list") {
        return Ok(());
    }
    a_frontend_talks_over_its_pipes().await?;
    what_it_is_asked_for_is_in_its_environment().await?;
    a_program_started_by_hand_says_so().await?;
    Ok(())
}

async fn build(client: &Client) -> Result<BuildResult, Failure> {
    let environment = Environment::current();
    let options = environment.parse_options().map_err(Error::from)?;
    if let Some(target) = options.target {
        return Err(Failure::new(format!("no stage `{target}`")));
    }
    let inputs = client.inputs().await?;
    Ok(BuildResult::subrequest_answer(
        "{}",
        format!("{} inputs", inputs.len()),
        "1.0.0",
    ))
}

/// Runs the frontend with a client option to its end.
async fn run(daemon: &Daemon, option: &str) -> Result<bool, Box<dyn std::error::Error>> {
    let mut child = Command::new(env::current_exe()?)
        .env(IS_FRONTEND, "1")
        .env("BUILDKIT_FRONTEND_OPT_0", option)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let (output, input) = (child.stdout.take(), child.stdin.take());
    let (Some(output), Some(input)) = (output, input) else {
        return Err("no pipes".into());
    };
    // Ends when the frontend closes its end.
    copy_bidirectional(&mut join(output, input), &mut daemon.stream())
        .await
        .ok();
    Ok(child.wait().await?.success())
}

async fn a_frontend_talks_over_its_pipes() -> Result<(), Box<dyn std::error::Error>> {
    let daemon = Daemon::new();
    assert!(run(&daemon, "filename=Stagefile").await?);
    let Some(Outcome::Result(result)) = daemon.outcome() else {
        panic!("{:?}", daemon.outcome())
    };
    assert_eq!(result.metadata["result.txt"], "0 inputs");
    Ok(())
}

async fn what_it_is_asked_for_is_in_its_environment() -> Result<(), Box<dyn std::error::Error>> {
    let daemon = Daemon::new();
    assert!(run(&daemon, "target=a=b").await?);
    let Some(Outcome::Failure(failure)) = daemon.outcome() else {
        panic!("{:?}", daemon.outcome())
    };
    assert_eq!(failure.message(), "no stage `a=b`");
    Ok(())
}

async fn a_program_started_by_hand_says_so() -> Result<(), Box<dyn std::error::Error>> {
    let output = Command::new(env::current_exe()?)
        .env(IS_FRONTEND, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .await?;
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr)?;
    assert!(message.contains("NotStartedByBuildkit"), "{message}");
    Ok(())
}
