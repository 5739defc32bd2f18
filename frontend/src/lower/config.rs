//! The image's config: the base's, and what the stage says.

use std::time::Duration;

use buildkit_gateway::ImageConfig;
use buildkit_gateway::image_config::Healthcheck;
use buildkit_llb::Platform;

use super::{Resolved, paths};
use crate::diagnostic::Diagnostics;
use crate::diagnostics;
use crate::plan::{self, Command, External, Image, Part};
use crate::source::Span;

/// The shell of text forms in an image that names none, as Docker has it.
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

/// Where the image's own directory and user come from, where nothing is written.
pub(super) struct Defaults<'a> {
    /// The stage's directory, if it is the stage's and not only the base's.
    pub workdir: Option<&'a str>,
    /// The directory that a relative `workdir` starts from.
    pub current: &'a str,
    /// The stage's user.
    pub user: Option<&'a str>,
}

/// Writes what a stage says into a config.
pub(super) fn apply(image: &Image, defaults: &Defaults<'_>, config: &mut ImageConfig) {
    drop_parts(image, config);
    let container = &mut config.config;
    if let Some(user) = image.user.as_deref().or(defaults.user) {
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
        container.set_entrypoint(arguments(entrypoint, &shell));
        if image.kept.contains(&Part::Cmd) {
            container.cmd = inherited;
        }
    }
    if let Some(cmd) = &image.cmd {
        container.cmd = arguments(cmd, &shell);
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

/// Warns of instructions that a base image has for a Dockerfile, and that nothing runs here.
pub(super) fn warn_of_triggers(
    external: &External,
    resolved: &Resolved,
    span: Span,
    found: &mut Diagnostics,
) {
    let image = resolved.image.as_ref();
    let triggers = image.map_or(&[][..], |image| &image.config.config.on_build);
    if !triggers.is_empty() {
        let name = external.description();
        found.push(diagnostics::ignored_triggers(&name, triggers, span));
    }
}

/// Warns of a base image of another platform than it is to be: where a daemon has an image for one platform only, it takes that.
pub(super) fn warn_of_platform(
    external: &External,
    resolved: &Resolved,
    wanted: &Platform,
    span: Span,
    found: &mut Diagnostics,
) {
    let Some(image) = &resolved.image else { return };
    let (own, wanted) = (image.config.platform().normalize(), wanted.normalize());
    let differs = own.os != wanted.os || own.architecture != wanted.architecture;
    if differs && !own.os.is_empty() && !own.architecture.is_empty() {
        let name = external.description();
        let error = diagnostics::foreign_base(&name, &own, &wanted, span);
        found.push(match external {
            External::Image(..) => error.help(format!(
                "if this one is meant: `from: {{ image: {name}, platform: {own} }}`"
            )),
            _ => error,
        });
    }
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

/// Lists the words of a program.
pub(super) fn arguments(command: &Command, shell: &[String]) -> Vec<String> {
    match command {
        Command::Arguments(arguments) => arguments.clone(),
        Command::Script(script) => {
            let default = SHELL.map(str::to_owned);
            let shell = if shell.is_empty() { &default } else { shell };
            shell.iter().chain([script]).cloned().collect()
        }
    }
}

fn healthcheck(check: &plan::Healthcheck) -> Healthcheck {
    let mut written = Healthcheck::default();
    let plan::Healthcheck::Check(check) = check else {
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
