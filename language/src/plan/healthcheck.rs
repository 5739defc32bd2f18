//! Health checks.

use std::time::Duration;

use buildkit_image_config as image_config;

use super::Command;

/// The health check of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Healthcheck {
    /// None, even if the base has one.
    None,
    /// A program.
    Check(Check),
}

/// The options of a health check; zero means the engine's default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The program.
    pub command: Command,
    /// The time between two checks.
    pub interval: Duration,
    /// The time after which a check counts as failed.
    pub timeout: Duration,
    /// The time after the start during which failures don't count.
    pub start_period: Duration,
    /// The time between two checks in that period.
    pub start_interval: Duration,
    /// The number of consecutive failures that make it unhealthy.
    pub retries: u32,
}

impl Healthcheck {
    /// Converts it to the form in an image's config.
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
