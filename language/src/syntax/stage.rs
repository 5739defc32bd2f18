//! A stage and its image.

use super::file::Name;
use super::{Assert, Image, Matrix, Origin, Settings, Step, TemplateUse};
use crate::expression::Text;

/// A stage.
#[derive(Debug, Default)]
pub struct Stage {
    /// The template that it is based on.
    pub template: Option<TemplateUse>,
    /// The matrix of its combinations.
    pub matrix: Option<Matrix>,
    /// Whether it exists.
    pub condition: Option<Text>,
    /// The base; `scratch` if `None`.
    pub from: Option<Origin>,
    /// The platform.
    pub platform: Option<Text>,
    /// The description.
    pub description: Option<Text>,
    /// The settings of its scripts.
    pub settings: Settings,
    /// The steps.
    pub steps: Vec<Step>,
    /// Stages that must succeed.
    pub requires: Vec<Text>,
    /// Names for paths in the result.
    pub outputs: Vec<(Name, Text)>,
    /// Assertions about its image.
    pub assert: Assert,
    /// Names for paths that are available even after a failure.
    pub reports: Vec<(Name, Text)>,
    /// How its changes are split into layers.
    pub layers: Option<Layers>,
    /// The image settings.
    pub image: Option<Box<Image>>,
}

/// How the changes of a stage are split into layers.
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
    /// The name.
    pub name: Option<Text>,
    /// The paths.
    pub paths: Vec<Text>,
}
