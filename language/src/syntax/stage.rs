//! A stage and its image.

use super::file::Name;
use super::{Assert, Image, Matrix, Origin, Settings, Step, TemplateUse};
use crate::expression::Text;

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
