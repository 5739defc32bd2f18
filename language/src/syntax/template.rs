//! Templates and their use, and matrices.

use super::file::Name;
use super::{Data, Stage, Step};
use crate::expression::Text;
use crate::source::Span;

/// Steps or a stage for use in several places.
#[derive(Debug)]
pub struct Template {
    /// What it is for.
    pub description: Option<Text>,
    /// What its users give it.
    pub inputs: Vec<(Name, Input)>,
    /// Stages that every use of it has for itself.
    pub stages: Vec<(Name, Stage)>,
    /// What it stands for.
    pub body: Body,
}

/// What a template stands for.
#[derive(Debug)]
pub enum Body {
    /// Steps.
    Steps(Vec<Step>),
    /// A stage.
    Stage(Box<Stage>),
}

/// What the user of a template gives it.
#[derive(Debug, Default)]
pub struct Input {
    /// What it can be.
    pub kind: Option<Text>,
    /// Whether it has to be given.
    pub required: Option<Text>,
    /// Its value where none is given.
    pub default: Option<Data>,
    /// The values that it may have.
    pub values: Vec<Text>,
    /// What it is for.
    pub description: Option<Text>,
}

/// The use of a template.
#[derive(Debug)]
pub struct TemplateUse {
    /// Its name.
    pub template: Text,
    /// Its inputs.
    pub with: Vec<(Name, Data)>,
}

/// What the combinations of a stage are made of.
#[derive(Debug, Default)]
pub struct Matrix {
    /// The variables with their values.
    pub variables: Vec<(Name, Vec<Text>)>,
    /// Combinations that don't exist.
    pub exclude: Vec<Vec<(Name, Text)>>,
    /// Combinations that exist too, with their places.
    pub include: Vec<(Vec<(Name, Text)>, Span)>,
}
