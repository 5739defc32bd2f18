//! The image's config: the settings of a stage, and the config that results from them and the base's.
//!
//! Every function destructures [`Image`] with all of its fields, so that a new field can't be forgotten.

use std::collections::BTreeSet;

use buildkit_image_config::ImageConfig;
use stagefile_text::paths;

use super::{Annotation, Command, Healthcheck, Stage};
use crate::budget::Size;
use crate::source::Spanned;

/// The image settings of a stage, without anything from the base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The user.
    pub user: Option<Spanned<String>>,
    /// The working directory; a relative path is resolved against the stage's workdir.
    pub workdir: Option<String>,
    /// The environment variables; `None` drops an inherited one.
    pub env: Vec<(String, Option<String>)>,
    /// The entrypoint; an empty one drops the base's.
    pub entrypoint: Option<Command>,
    /// The arguments, or the program; an empty one drops the base's.
    pub cmd: Option<Command>,
    /// The shell for commands given as strings.
    pub shell: Option<Vec<String>>,
    /// The exposed ports, as `8080/tcp`.
    pub expose: Vec<String>,
    /// The volumes.
    pub volumes: Vec<String>,
    /// The labels; `None` drops an inherited one.
    pub labels: Vec<(String, Option<String>)>,
    /// The annotations.
    pub annotations: Vec<Annotation>,
    /// The health check.
    pub healthcheck: Option<Healthcheck>,
    /// The stop signal.
    pub stop_signal: Option<String>,
    /// Instructions for Dockerfiles based on the image (`ONBUILD`).
    pub on_build: Vec<String>,
    /// The image's time, in seconds since 1970.
    pub epoch: Option<i64>,
    /// The parts that it doesn't inherit from the stage's base.
    pub dropped: BTreeSet<Part>,
    /// The parts that it explicitly inherits: the arguments also together with an entrypoint of its own.
    pub kept: BTreeSet<Part>,
}

/// A part of an image's config that can be inherited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "each is the key of `image` that it is named after"
)]
pub enum Part {
    User,
    Workdir,
    Env,
    Entrypoint,
    Cmd,
    Shell,
    Expose,
    Volumes,
    Labels,
    Annotations,
    Healthcheck,
    StopSignal,
    OnBuild,
    Epoch,
}

impl Part {
    /// All parts, with their keys.
    pub const ALL: [(&'static str, Self); 14] = [
        ("user", Self::User),
        ("workdir", Self::Workdir),
        ("env", Self::Env),
        ("entrypoint", Self::Entrypoint),
        ("cmd", Self::Cmd),
        ("shell", Self::Shell),
        ("expose", Self::Expose),
        ("volumes", Self::Volumes),
        ("labels", Self::Labels),
        ("annotations", Self::Annotations),
        ("healthcheck", Self::Healthcheck),
        ("stop-signal", Self::StopSignal),
        ("on-build", Self::OnBuild),
        ("epoch", Self::Epoch),
    ];
}

impl Image {
    /// Returns the size: images based on this one inherit a copy.
    pub(crate) fn size(&self) -> Size {
        let Self {
            env,
            entrypoint,
            cmd,
            shell,
            expose,
            volumes,
            labels,
            healthcheck,
            on_build,
            // A single value each, or never copied.
            user: _,
            workdir: _,
            annotations: _,
            stop_signal: _,
            epoch: _,
            dropped: _,
            kept: _,
        } = self;
        let command = |command: &Option<Command>| match command {
            None => Size::default(),
            Some(Command::Script(script)) => Size::of(script),
            Some(Command::Arguments(arguments)) => {
                arguments.iter().map(|text| Size::of(text)).sum()
            }
        };
        let overrides = |pairs: &[(String, Option<String>)]| -> Size {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| {
                    Size::of(name) + Size::of(value.as_deref().unwrap_or_default())
                })
                .sum()
        };
        let health = match healthcheck {
            Some(Healthcheck::Check(check)) => command(&Some(check.command.clone())),
            _ => Size::default(),
        };
        let texts = [expose, volumes, on_build].into_iter().flatten();
        overrides(env)
            + overrides(labels)
            + command(entrypoint)
            + command(cmd)
            + health
            + texts
                .chain(shell.iter().flatten())
                .map(|text| Size::of(text))
                .sum()
    }

    /// Adds settings from another place: lists are extended, single values are replaced.
    pub fn extend(&mut self, other: Self) {
        let Self {
            user,
            workdir,
            env,
            entrypoint,
            cmd,
            shell,
            expose,
            volumes,
            labels,
            annotations,
            healthcheck,
            stop_signal,
            on_build,
            epoch,
            dropped,
            kept,
        } = other;
        self.user = user.or(self.user.take());
        self.workdir = workdir.or(self.workdir.take());
        self.env.extend(env);
        self.entrypoint = entrypoint.or(self.entrypoint.take());
        self.cmd = cmd.or(self.cmd.take());
        self.shell = shell.or(self.shell.take());
        self.expose.extend(expose);
        self.volumes.extend(volumes);
        self.labels.extend(labels);
        self.healthcheck = healthcheck.or(self.healthcheck.take());
        self.stop_signal = stop_signal.or(self.stop_signal.take());
        self.on_build.extend(on_build);
        self.annotations.extend(annotations);
        self.epoch = epoch.or(self.epoch);
        // The later of two places takes precedence.
        self.kept.retain(|part| !dropped.contains(part));
        self.dropped.retain(|part| !kept.contains(part));
        self.dropped.extend(dropped);
        self.kept.extend(kept);
    }
}

/// The defaults for the image's working directory and user.
struct Defaults<'a> {
    /// The stage's workdir, if it is set by the stage rather than by the base.
    workdir: Option<&'a str>,
    /// The directory that a relative `workdir` is resolved against.
    current: &'a str,
    /// The stage's user.
    user: Option<&'a str>,
}

impl Stage {
    /// Returns the directory in which its steps start; `origin` is that of the first base image.
    pub fn workdir(&self, origin: &str) -> String {
        match &self.settings.workdir {
            Some(path) => paths::join(origin, path),
            None => origin.to_owned(),
        }
    }

    /// Converts the base's config to that of its image.
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

/// Applies a stage's settings to a config.
fn apply(image: &Image, defaults: &Defaults<'_>, config: &mut ImageConfig) {
    let Image {
        user,
        workdir,
        env,
        entrypoint,
        cmd,
        shell,
        expose,
        volumes,
        labels,
        healthcheck,
        stop_signal,
        on_build,
        kept,
        // Without inheritance, these are dropped already.
        dropped: _,
        // Not part of the config: they are in the plan.
        annotations: _,
        epoch: _,
    } = image;
    drop_parts(image, config);
    let container = &mut config.config;
    if let Some(user) = user
        .as_ref()
        .map(|user| user.value.as_str())
        .or(defaults.user)
    {
        user.clone_into(&mut container.user);
    }
    if let Some(workdir) = workdir {
        container.working_dir = paths::join(defaults.current, workdir);
    } else if let Some(workdir) = defaults.workdir {
        workdir.clone_into(&mut container.working_dir);
    }
    let changes = env.iter();
    container.change_env(changes.map(|(name, value)| (name.as_str(), value.as_deref())));
    if let Some(shell) = shell {
        container.shell.clone_from(shell);
    }
    let shell = container.shell.clone();
    if let Some(entrypoint) = entrypoint {
        // A new program drops the arguments of the old one, unless they are explicitly inherited.
        let inherited = container.cmd.clone();
        container.set_entrypoint(entrypoint.words(&shell));
        if kept.contains(&Part::Cmd) {
            container.cmd = inherited;
        }
    }
    if let Some(cmd) = cmd {
        container.cmd = cmd.words(&shell);
        container.args_escaped = true;
    }
    for port in expose {
        container.expose(port);
    }
    for volume in volumes {
        container.add_volume(paths::join(defaults.current, volume));
    }
    for (name, value) in labels {
        match value {
            Some(value) => _ = container.labels.insert(name.clone(), value.clone()),
            None => _ = container.labels.remove(name),
        }
    }
    if let Some(check) = healthcheck {
        container.healthcheck = Some(check.written());
    }
    if let Some(signal) = stop_signal {
        signal.clone_into(&mut container.stop_signal);
    }
    container.on_build.extend(on_build.iter().cloned());
}

/// Drops the parts that the stage doesn't inherit.
fn drop_parts(image: &Image, config: &mut ImageConfig) {
    if image.dropped.is_empty() {
        return;
    }
    let fresh = ImageConfig::scratch(config.platform()).config;
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
            // Not part of the config: they are in the plan.
            Part::Annotations | Part::Epoch => {}
        }
    }
}
