//! Templates and their uses, and matrices.

use super::file::Name;
use super::{Data, Stage, Step};
use crate::expression::Text;
use crate::source::Span;

/// Reusable steps, or a reusable stage.
#[derive(Debug)]
pub struct Template {
    /// The description.
    pub description: Option<Text>,
    /// The inputs.
    pub inputs: Vec<(Name, Input)>,
    /// The private stages of each use.
    pub stages: Vec<(Name, Stage)>,
    /// The steps or the stage.
    pub body: Body,
}

/// The body of a template.
#[derive(Debug)]
pub enum Body {
    /// Steps.
    Steps(Vec<Step>),
    /// A stage.
    Stage(Box<Stage>),
}

/// An input of a template.
#[derive(Debug, Default)]
pub struct Input {
    /// The type.
    pub kind: Option<Text>,
    /// Whether it is required.
    pub required: Option<Text>,
    /// The default value.
    pub default: Option<Data>,
    /// The allowed values.
    pub values: Vec<Text>,
    /// The description.
    pub description: Option<Text>,
}

/// The use of a template.
#[derive(Debug)]
pub struct TemplateUse {
    /// The template's name.
    pub template: Text,
    /// The values of its inputs.
    pub with: Vec<(Name, Data)>,
}

/// The matrix of a stage's combinations.
#[derive(Debug, Default)]
pub struct Matrix {
    /// The variables with their values.
    pub variables: Vec<(Name, Vec<Text>)>,
    /// Combinations that are left out.
    pub exclude: Vec<Vec<(Name, Text)>>,
    /// Additional combinations, with their locations.
    pub include: Vec<(Vec<(Name, Text)>, Span)>,
}
