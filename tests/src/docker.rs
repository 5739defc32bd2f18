//! The `docker` client.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::builder::Builder;
use crate::image::frontend;

/// The maximum duration of a call; the slowest builds of the tests need a tenth of it.
const TIME_LIMIT: Duration = Duration::from_mins(5);

/// The client of a daemon that is known to respond, and to have the frontend's image.
#[derive(Debug, Clone, Copy)]
pub struct Docker {
    buildx: &'static Path,
}

/// The result of a call.
#[derive(Debug)]
pub struct Finished {
    /// The exit status.
    pub status: ExitStatus,
    /// The standard output.
    pub stdout: Vec<u8>,
    /// The standard error, where `docker buildx build` reports progress and errors.
    pub stderr: String,
}

impl Docker {
    /// Returns the client, once a daemon has responded.
    ///
    /// Panics with a message about what is missing and which command provides it, rather than skipping tests
    /// silently.
    #[must_use]
    pub fn connect() -> Self {
        static BUILDX: OnceLock<Result<PathBuf, String>> = OnceLock::new();
        match BUILDX.get_or_init(check) {
            Ok(buildx) => Self { buildx },
            Err(problem) => panic!("{problem}"),
        }
    }

    /// Begins a call of the client.
    #[must_use]
    pub fn command(self) -> Command {
        Command::new("docker")
    }

    /// Begins a call of `docker buildx`, by starting the plugin itself: as a plugin of `docker`, which first asks what it
    /// is, a small build would take twice the processor time.
    #[must_use]
    pub fn buildx(self) -> Command {
        Command::new(self.buildx)
    }

    /// Runs a call until it ends, whatever its status; panics if it takes too long.
    #[must_use]
    #[track_caller]
    pub fn finish(self, command: Command) -> Finished {
        finish(command).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Runs a call with these arguments, which must succeed, and returns its standard output.
    #[must_use]
    #[track_caller]
    pub fn output(self, arguments: &[&str]) -> String {
        let mut command = self.command();
        command.args(arguments);
        let finished = self.finish(command);
        let output = String::from_utf8_lossy(&finished.stdout).into_owned();
        assert!(
            finished.status.success(),
            "docker {arguments:?} failed:\n{}{output}",
            finished.stderr
        );
        output
    }
}

/// Checks that all that the tests need is there, and returns the path of buildx; otherwise says what is missing.
fn check() -> Result<PathBuf, String> {
    let plugins = "{{range .ClientInfo.Plugins}}{{if eq .Name \"buildx\"}}{{.Path}}{{end}}{{end}}";
    call("a Docker daemon that answers", &["version"])?;
    call("docker buildx", &["buildx", "version"])?;
    let buildx = call("docker buildx", &["info", "--format", plugins])?;
    // Another builder gets it from a registry, and reports if it is missing.
    if Builder::named().is_none() {
        call("the frontend's image", &["image", "inspect", &frontend()])?;
    }
    Ok(buildx.into())
}

/// Runs a call that shows that something is there, and returns what it wrote to its standard output.
fn call(needed: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("docker");
    command.args(arguments);
    let problem = match finish(command) {
        Ok(finished) if finished.status.success() => {
            return Ok(String::from_utf8_lossy(&finished.stdout).trim().to_owned());
        }
        Ok(finished) => finished.stderr,
        Err(error) => error,
    };
    let problem = problem.trim();
    Err(format!(
        "end-to-end tests need {needed}; `scripts/test e2e` provides all that they need ({problem})"
    ))
}

/// Runs a command until it ends, or kills it at its time limit.
fn finish(mut command: Command) -> Result<Finished, String> {
    // Files rather than pipes: nothing has to be read while it runs, and a child process can't keep them
    // open.
    let output =
        || tempfile::tempfile().map_err(|error| format!("cannot make a temporary file: {error}"));
    let (mut stdout, mut stderr) = (output()?, output()?);
    let copy = |file: &File| {
        file.try_clone()
            .map(Stdio::from)
            .map_err(|error| error.to_string())
    };
    let description = format!("{command:?}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(copy(&stdout)?)
        .stderr(copy(&stderr)?)
        .spawn()
        .map_err(|error| format!("cannot start {description}: {error}"))?;
    let status = wait(&mut child);
    let stderr = String::from_utf8_lossy(&content(&mut stderr)?).into_owned();
    let Some(status) = status else {
        return Err(format!(
            "{description} did not end in {} s:\n{stderr}",
            TIME_LIMIT.as_secs()
        ));
    };
    Ok(Finished {
        status,
        stdout: content(&mut stdout)?,
        stderr,
    })
}

fn wait(child: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < TIME_LIMIT {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) => thread::sleep(Duration::from_millis(20)),
            Err(_) => break,
        }
    }
    // It doesn't matter if it is gone already.
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn content(file: &mut File) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    file.seek(SeekFrom::Start(0))
        .and_then(|_| file.read_to_end(&mut content))
        .map_err(|error| format!("cannot read the output: {error}"))?;
    Ok(content)
}
