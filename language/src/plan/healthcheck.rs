//! Whether a container is well.

use std::time::Duration;

use buildkit_image_config as image_config;

use super::Command;

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

impl Healthcheck {
    /// Writes it as a config has it.
    pub(super) fn written(&self) -> image_config::Healthcheck {
        let mut written = image_config::Healthcheck::default();
        let Self::Check(check) = self else {
            written.test = vec!["NONE".to_owned()];
            return written;
        };
        written.test = match &check.command {
            Command::Script(script) => vec!["CMD-SHELL".to_owned(), script.clone()],
            Command::Arguments(arguments) => std::iter::once("CMD")
                .map(str::to_owned)
                .chain(arguments.iter().cloned())
                .collect(),
        };
        let nanoseconds =
            |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
        written.interval = nanoseconds(check.interval);
        written.timeout = nanoseconds(check.timeout);
        written.start_period = nanoseconds(check.start_period);
        written.start_interval = nanoseconds(check.start_interval);
        written.retries = i64::from(check.retries);
        written
    }
}
