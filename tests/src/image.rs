//! Images in the daemon's store, and their containers.

use serde_json::Value;

use crate::docker::{Docker, Finished};
use crate::outcome::Outcome;
use crate::token::token;

/// Returns the name of the frontend's image: the one that `scripts/image` creates, or the one in `STAGEFILE_IMAGE`.
#[must_use]
pub fn frontend() -> String {
    std::env::var("STAGEFILE_IMAGE").unwrap_or_else(|_| "stagefile/stagefile:dev".to_owned())
}

/// An image in the daemon's store, which is removed at the end of the test.
#[derive(Debug)]
pub struct Image {
    docker: Docker,
    name: String,
    outcome: Outcome,
}

/// A container of an [`Image`] that runs in the background, and is removed at the end of the test.
#[derive(Debug)]
pub struct Container {
    docker: Docker,
    name: String,
}

impl Image {
    pub(crate) fn new(docker: Docker, name: String, outcome: Outcome) -> Self {
        Self {
            docker,
            name,
            outcome,
        }
    }

    /// Returns the name, by which a build can use it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the output of the build.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Returns the image as `docker image inspect` shows it.
    #[must_use]
    #[track_caller]
    pub fn inspect(&self) -> Value {
        let output = self.docker.output(&["image", "inspect", &self.name]);
        let mut images: Vec<Value> =
            serde_json::from_str(&output).expect("docker inspect prints JSON");
        images.remove(0)
    }

    /// Returns the config of the image's containers.
    #[must_use]
    #[track_caller]
    pub fn config(&self) -> Value {
        self.inspect()["Config"].clone()
    }

    /// Returns the history as text.
    #[must_use]
    #[track_caller]
    pub fn history(&self) -> String {
        self.docker.output(&[
            "image",
            "history",
            "--no-trunc",
            "--format={{.CreatedBy}} {{.Comment}}",
            &self.name,
        ])
    }

    /// Runs a container until it ends, which must be with success, and returns its standard output.
    ///
    /// Without arguments, it runs the image's command.
    #[must_use]
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> String {
        self.docker
            .output(&[&["run", "--rm", "--network=none", &self.name], arguments].concat())
    }

    /// Starts a container in the background, on the host's network, with these environment variables.
    #[must_use]
    #[track_caller]
    pub fn start(&self, variables: &[(&str, &str)]) -> Container {
        let name = format!("stagefile-test-{}", token());
        let mut command = self.docker.command();
        command.args(["run", "--detach", "--network=host", "--name", &name]);
        for (variable, value) in variables {
            command.arg(format!("--env={variable}={value}"));
        }
        command.arg(&self.name);
        // Created before the check, so that a container that doesn't start is removed, too.
        let container = Container {
            docker: self.docker,
            name,
        };
        let Finished { status, stderr, .. } = self.docker.finish(command);
        assert!(status.success(), "the container does not start:\n{stderr}");
        container
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        remove(self.docker, &["image", "rm", "--force", &self.name]);
    }
}

impl Container {
    /// Returns the output of the container so far.
    #[must_use]
    #[track_caller]
    pub fn logs(&self) -> String {
        let mut command = self.docker.command();
        command.args(["logs", &self.name]);
        let finished = self.docker.finish(command);
        String::from_utf8_lossy(&finished.stdout).into_owned() + &finished.stderr
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        remove(self.docker, &["rm", "--force", "--volumes", &self.name]);
    }
}

/// Removes something at the end of a test, which may already have failed for another reason.
fn remove(docker: Docker, arguments: &[&str]) {
    let mut command = docker.command();
    command.args(arguments);
    let _ = docker.finish(command);
}
