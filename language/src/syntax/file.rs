//! The content of a Stagefile with locations: typed and checked for shape, but not evaluated yet.

use std::collections::HashSet;
use std::sync::Arc;

use super::keys::Shape;
use super::{Arg, Cache, Import, LintRule, Scalar, Secret, Settings, Stage, Template};
use crate::budget::Size;
use crate::expression::Text;
use crate::source::Spanned;

/// A name that the user chose, with its location.
pub type Name = Spanned<String>;

/// A Stagefile.
#[derive(Debug, Default)]
pub struct File {
    /// Build arguments.
    pub args: Vec<(Name, Arg)>,
    /// Secrets.
    pub secrets: Vec<(Name, Secret)>,
    /// Caches.
    pub caches: Vec<(Name, Cache)>,
    /// Imported files, whose definitions are used as `NAME.item`.
    pub imports: Vec<(Name, Import)>,
    /// Reusable steps and stages.
    pub templates: Vec<(Name, Template)>,
    /// The settings that every stage inherits.
    pub defaults: Settings,
    /// The stages, in the order of the file.
    pub stages: Vec<(Name, Stage)>,
    /// The stage that is built if the client names none.
    pub target: Option<Text>,
    /// The levels of warnings.
    pub lint: Vec<LintRule>,
    /// The names of invalid definitions, so that their uses aren't reported as well.
    pub broken: HashSet<String>,
    /// The size with aliases expanded.
    pub size: Size,
    /// All values of a form or a set of words that don't depend on anything: they can be checked
    /// whether or not they are used.
    pub values: Vec<Constant>,
}

impl File {
    /// Reports whether the definition with this name is invalid.
    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }
}

/// A value without expressions.
#[derive(Clone, Debug)]
pub struct Constant {
    /// The key.
    pub key: &'static str,
    /// The required form: a flag, a word or a form.
    pub shape: Shape,
    /// The value.
    pub scalar: Arc<Scalar>,
}
