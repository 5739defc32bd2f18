//! What the user says of the image's config.

use std::time::Duration;

/// What the user says of the image's config; nothing of the base's is in it.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// The user of the container.
    pub user: Option<String>,
    /// The directory that it starts in; a relative path starts at the stage's workdir.
    pub workdir: Option<String>,
    /// Its variables.
    pub env: Vec<(String, String)>,
    /// The program; an empty one drops the base's.
    pub entrypoint: Option<Command>,
    /// Arguments, or the program; an empty one drops the base's.
    pub cmd: Option<Command>,
    /// The shell of text forms.
    pub shell: Option<Vec<String>>,
    /// Ports, as `8080/tcp`.
    pub expose: Vec<String>,
    /// Directories that hold data.
    pub volumes: Vec<String>,
    /// Labels.
    pub labels: Vec<(String, String)>,
    /// How to see that it is well.
    pub healthcheck: Option<Healthcheck>,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// Dockerfile instructions for images built on it.
    pub on_build: Vec<String>,
}

impl Image {
    /// Puts what another place says on top: lists grow, single values are replaced.
    pub fn extend(&mut self, other: Self) {
        self.user = other.user.or(self.user.take());
        self.workdir = other.workdir.or(self.workdir.take());
        self.env.extend(other.env);
        self.entrypoint = other.entrypoint.or(self.entrypoint.take());
        self.cmd = other.cmd.or(self.cmd.take());
        self.shell = other.shell.or(self.shell.take());
        self.expose.extend(other.expose);
        self.volumes.extend(other.volumes);
        self.labels.extend(other.labels);
        self.healthcheck = other.healthcheck.or(self.healthcheck.take());
        self.stop_signal = other.stop_signal.or(self.stop_signal.take());
        self.on_build.extend(other.on_build);
    }
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A script for a shell.
    Script(String),
    /// The program and its arguments.
    Arguments(Vec<String>),
}

/// How to see that a container is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healthcheck {
    /// Not at all, whatever the base says.
    None,
    /// By running a program.
    Check(Check),
}

/// How a health check is done; zero stands for what the engine does by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The program.
    pub command: Command,
    /// The time between two checks.
    pub interval: Duration,
    /// When a check counts as failed.
    pub timeout: Duration,
    /// How long failures don't count at first.
    pub start_period: Duration,
    /// The time between two checks in that period.
    pub start_interval: Duration,
    /// How many failures make it unhealthy.
    pub retries: u32,
}
