//! Templates, the files that they come from, and their use.

use super::file::Name;
use super::{Data, Stage, Step};
use crate::expression::Text;
use crate::source::Span;

/// Another file.
#[derive(Debug)]
pub struct Import {
    /// The place of the whole.
    pub span: Span,
    /// Where the file is.
    pub path: Option<Text>,
    /// The repository that it is in.
    pub git: Option<Text>,
    /// The repository's branch, tag or commit.
    pub reference: Option<Text>,
    /// The file's URL.
    pub http: Option<Text>,
    /// What the file must have.
    pub checksum: Option<Text>,
    /// The image that it is in.
    pub image: Option<Text>,
    /// Values of its build arguments.
    pub args: Vec<(Name, Text)>,
}

/// Steps or a stage for use in several places.
#[derive(Debug)]
pub struct Template {
    /// What it is for.
    pub description: Option<Text>,
    /// What its users give it.
    pub inputs: Vec<(Name, Input)>,
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
