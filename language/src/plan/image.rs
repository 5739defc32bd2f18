//! What the user says of the image's config.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Base, Command, Plan, Stage};
use crate::budget::Size;
use crate::source::Spanned;

/// What the user says of the image's config; nothing of the base's is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The user of the container.
    pub user: Option<Spanned<String>>,
    /// The directory that it starts in; a relative path starts at the stage's workdir.
    pub workdir: Option<String>,
    /// Its variables; `None` drops an inherited one.
    pub env: Vec<(String, Option<String>)>,
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
    /// Labels; `None` drops an inherited one.
    pub labels: Vec<(String, Option<String>)>,
    /// Annotations.
    pub annotations: Vec<Annotation>,
    /// How to see that it is well.
    pub healthcheck: Option<Healthcheck>,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// Dockerfile instructions for images built on it.
    pub on_build: Vec<String>,
    /// The time that the image has, in seconds since 1970.
    pub epoch: Option<i64>,
    /// What it doesn't take from what its stage starts from.
    pub dropped: BTreeSet<Part>,
    /// What it takes from there expressly: of the program's arguments, also beside a program of its own.
    pub kept: BTreeSet<Part>,
}

/// A part of an image's config that a stage inherits.
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

/// An annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What is annotated.
    pub places: BTreeSet<Place>,
}

/// What an annotation is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The manifest of a platform.
    Manifest,
    /// The index of all platforms.
    Index,
    /// The manifest's entry in the index.
    ManifestDescriptor,
    /// The index's entry in an OCI layout.
    IndexDescriptor,
}

impl Plan {
    /// Returns the time that the target's image has, if its stages say one.
    pub fn epoch(&self) -> Option<i64> {
        for stage in self.chain() {
            if stage.image.epoch.is_some() || stage.image.dropped.contains(&Part::Epoch) {
                return stage.image.epoch;
            }
        }
        None
    }

    /// Lists the annotations of the target's image; of two of one name, that of the later stage counts.
    pub fn annotations(&self) -> Vec<&Annotation> {
        let mut annotations = BTreeMap::new();
        for stage in self.chain() {
            for annotation in stage.image.annotations.iter().rev() {
                annotations
                    .entry(annotation.name.as_str())
                    .or_insert(annotation);
            }
            if stage.image.dropped.contains(&Part::Annotations) {
                break;
            }
        }
        annotations.into_values().collect()
    }

    /// Lists the target, the stage that it starts from, and so on.
    fn chain(&self) -> impl Iterator<Item = &Stage> {
        std::iter::successors(Some(self.stage(self.target)), |stage| {
            match stage.base.value {
                Base::Stage(id) => Some(self.stage(id)),
                _ => None,
            }
        })
    }
}

impl Image {
    /// Returns how large it is: what is on top of it inherits a copy.
    pub(crate) fn size(&self) -> Size {
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
        let lists = [&self.expose, &self.volumes, &self.on_build];
        let texts = lists.into_iter().flatten();
        let health = match &self.healthcheck {
            Some(Healthcheck::Check(check)) => command(&Some(check.command.clone())),
            _ => Size::default(),
        };
        overrides(&self.env)
            + overrides(&self.labels)
            + command(&self.entrypoint)
            + command(&self.cmd)
            + health
            + texts
                .chain(self.shell.iter().flatten())
                .map(|text| Size::of(text))
                .sum()
    }

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
        self.annotations.extend(other.annotations);
        self.epoch = other.epoch.or(self.epoch);
        // The later of two places counts.
        self.kept.retain(|part| !other.dropped.contains(part));
        self.dropped.retain(|part| !other.kept.contains(part));
        self.dropped.extend(other.dropped);
        self.kept.extend(other.kept);
    }
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
