//! A stage and its image.

use super::file::Name;
use super::{Command, Matrix, Origin, Settings, Step, TemplateUse};
use crate::expression::Text;
use crate::source::Span;

/// A stage.
#[derive(Debug, Default)]
pub struct Stage {
    /// The template that it starts as.
    pub template: Option<TemplateUse>,
    /// What its combinations are made of.
    pub matrix: Option<Matrix>,
    /// Whether it exists.
    pub condition: Option<Text>,
    /// What it starts from; `scratch` if nothing is written.
    pub from: Option<Origin>,
    /// What it runs on.
    pub platform: Option<Text>,
    /// What it is.
    pub description: Option<Text>,
    /// How its scripts run.
    pub settings: Settings,
    /// What is done.
    pub steps: Vec<Step>,
    /// Stages that must succeed.
    pub requires: Vec<Text>,
    /// Names for paths of the result.
    pub outputs: Vec<(Name, Text)>,
    /// The image's config.
    pub image: Image,
}

/// The config of an image, as far as the user writes it.
#[derive(Debug, Default)]
pub struct Image {
    /// The user of the container.
    pub user: Option<Text>,
    /// The directory that it starts in.
    pub workdir: Option<Text>,
    /// Its variables.
    pub env: Vec<(Name, Text)>,
    /// The program.
    pub entrypoint: Option<Command>,
    /// Arguments, or the program.
    pub cmd: Option<Command>,
    /// The shell of text forms.
    pub shell: Option<Vec<Text>>,
    /// Ports.
    pub expose: Vec<Text>,
    /// Directories that hold data.
    pub volumes: Vec<Text>,
    /// Labels.
    pub labels: Vec<(Name, Text)>,
    /// How to see that it is well.
    pub healthcheck: Option<Healthcheck>,
    /// The signal that stops it.
    pub stop_signal: Option<Text>,
    /// Dockerfile instructions for images built on it.
    pub on_build: Vec<Text>,
}

/// A health check.
#[derive(Debug)]
pub enum Healthcheck {
    /// A word: only `none` has a meaning.
    Word(Text),
    /// How it is done.
    Check(Box<Check>),
}

/// How a health check is done.
#[derive(Debug)]
pub struct Check {
    /// The place of the whole.
    pub span: Span,
    /// The program.
    pub run: Option<Command>,
    /// The time between two checks.
    pub interval: Option<Text>,
    /// When a check counts as failed.
    pub timeout: Option<Text>,
    /// How long failures don't count at first.
    pub start_period: Option<Text>,
    /// The time between two checks in that period.
    pub start_interval: Option<Text>,
    /// How many failures make it unhealthy.
    pub retries: Option<Text>,
}
