//! A stage and its image.

use super::file::Name;
use super::{Assert, Command, Matrix, Origin, Settings, Step, TemplateUse};
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
    /// Facts about its image.
    pub assert: Assert,
    /// Names for paths that are worth having even after a failure.
    pub reports: Vec<(Name, Text)>,
    /// How what it adds is cut into layers.
    pub layers: Option<Layers>,
    /// The image's config.
    pub image: Option<Box<Image>>,
}

/// How what a stage adds is cut into layers.
#[derive(Debug)]
pub enum Layers {
    /// `step` or `one`.
    Word(Text),
    /// Groups of paths.
    Groups(Vec<Layer>),
}

/// Files that share a layer.
#[derive(Debug)]
pub struct Layer {
    /// What it is called.
    pub name: Option<Text>,
    /// What it holds.
    pub paths: Vec<Text>,
}

/// The config of an image, as far as the user writes it.
#[derive(Debug, Default)]
pub struct Image {
    /// The user of the container.
    pub user: Option<Text>,
    /// The directory that it starts in.
    pub workdir: Option<Text>,
    /// Its variables; `None` drops an inherited one.
    pub env: Vec<(Name, Option<Text>)>,
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
    /// Labels; `None` drops an inherited one.
    pub labels: Vec<(Name, Option<Text>)>,
    /// Annotations.
    pub annotations: Vec<(Name, Annotation)>,
    /// How to see that it is well.
    pub healthcheck: Option<Healthcheck>,
    /// The signal that stops it.
    pub stop_signal: Option<Text>,
    /// Dockerfile instructions for images built on it.
    pub on_build: Vec<Text>,
    /// The time that the image has.
    pub epoch: Option<Text>,
    /// What it takes from what its stage starts from.
    pub inherit: Option<Inherit>,
}

/// An annotation.
#[derive(Debug)]
pub struct Annotation {
    /// Its value.
    pub value: Option<Text>,
    /// What is annotated.
    pub at: Vec<Text>,
}

/// What an image takes from what its stage starts from.
#[derive(Debug)]
pub enum Inherit {
    /// All or nothing.
    All(Text),
    /// Part by part, by the keys of `image`.
    Parts(Vec<(&'static str, Text)>),
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
