//! The image's config: the base's, and what the stage says.

use std::time::Duration;

use buildkit_gateway::ImageConfig;
use buildkit_gateway::image_config::Healthcheck;
use stagefile_text::paths;

use super::{Command, Image, Part, Stage};

/// Where the image's own directory and user come from, where nothing is written.
struct Defaults<'a> {
    /// The stage's directory, if it is the stage's and not only the base's.
    workdir: Option<&'a str>,
    /// The directory that a relative `workdir` starts from.
    current: &'a str,
    /// The stage's user.
    user: Option<&'a str>,
}

impl Stage {
    /// Returns the directory that its steps start in; `origin` is that of the image that the chain of stages begins with.
    pub fn workdir(&self, origin: &str) -> String {
        match &self.settings.workdir {
            Some(path) => paths::join(origin, path),
            None => origin.to_owned(),
        }
    }

    /// Makes the config of its image of the one that it starts from.
    pub fn apply_to(&self, origin: &str, config: &mut ImageConfig) {
        let current = self.workdir(origin);
        let defaults = Defaults {
            workdir: self.settings.workdir.as_deref().map(|_| current.as_str()),
            current: &current,
            user: self.settings.user.as_deref(),
        };
        apply(&self.image, &defaults, config);
    }
}

/// Writes what a stage says into a config.
fn apply(image: &Image, defaults: &Defaults<'_>, config: &mut ImageConfig) {
    drop_parts(image, config);
    let container = &mut config.config;
    if let Some(user) = image
        .user
        .as_ref()
        .map(|user| user.value.as_str())
        .or(defaults.user)
    {
        user.clone_into(&mut container.user);
    }
    if let Some(workdir) = &image.workdir {
        container.working_dir = paths::join(defaults.current, workdir);
    } else if let Some(workdir) = defaults.workdir {
        workdir.clone_into(&mut container.working_dir);
    }
    for (name, value) in &image.env {
        match value {
            Some(value) => container.set_env(name, value),
            None => container
                .env
                .retain(|pair| pair.split_once('=').map_or(pair.as_str(), |(key, _)| key) != name),
        }
    }
    if let Some(shell) = &image.shell {
        container.shell.clone_from(shell);
    }
    let shell = container.shell.clone();
    if let Some(entrypoint) = &image.entrypoint {
        // A new program drops the arguments of the old one, unless they are wanted.
        let inherited = container.cmd.clone();
        container.set_entrypoint(entrypoint.words(&shell));
        if image.kept.contains(&Part::Cmd) {
            container.cmd = inherited;
        }
    }
    if let Some(cmd) = &image.cmd {
        container.cmd = cmd.words(&shell);
        container.args_escaped = true;
    }
    image.expose.iter().for_each(|port| container.expose(port));
    image
        .volumes
        .iter()
        .for_each(|volume| container.add_volume(paths::join(defaults.current, volume)));
    for (name, value) in &image.labels {
        match value {
            Some(value) => _ = container.labels.insert(name.clone(), value.clone()),
            None => _ = container.labels.remove(name),
        }
    }
    if let Some(check) = &image.healthcheck {
        container.healthcheck = Some(healthcheck(check));
    }
    if let Some(signal) = &image.stop_signal {
        signal.clone_into(&mut container.stop_signal);
    }
    container.on_build.extend(image.on_build.iter().cloned());
}

/// Drops what the stage doesn't take from what it starts from.
fn drop_parts(image: &Image, config: &mut ImageConfig) {
    if image.dropped.is_empty() {
        return;
    }
    let fresh = ImageConfig::scratch(&config.platform()).config;
    if image.dropped.len() == Part::ALL.len() {
        config.author.clear();
        config.config = fresh;
        return;
    }
    let container = &mut config.config;
    for part in &image.dropped {
        match part {
            Part::User => container.user.clear(),
            Part::Workdir => container.working_dir.clone_from(&fresh.working_dir),
            Part::Env => container.env.clone_from(&fresh.env),
            Part::Entrypoint => container.entrypoint.clear(),
            Part::Cmd => container.cmd.clear(),
            Part::Shell => container.shell.clear(),
            Part::Expose => container.exposed_ports.clear(),
            Part::Volumes => container.volumes.clear(),
            Part::Labels => container.labels.clear(),
            Part::Healthcheck => container.healthcheck = None,
            Part::StopSignal => container.stop_signal.clear(),
            Part::OnBuild => container.on_build.clear(),
            // No part of the config: the plan knows them.
            Part::Annotations | Part::Epoch => {}
        }
    }
}

fn healthcheck(check: &super::Healthcheck) -> Healthcheck {
    let mut written = Healthcheck::default();
    let super::Healthcheck::Check(check) = check else {
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
    let nanoseconds = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    written.interval = nanoseconds(check.interval);
    written.timeout = nanoseconds(check.timeout);
    written.start_period = nanoseconds(check.start_period);
    written.start_interval = nanoseconds(check.start_interval);
    written.retries = i64::from(check.retries);
    written
}
