//! What a Stagefile says, with the place of every word: typed, checked for shape, not yet evaluated.

use std::collections::HashSet;
use std::sync::Arc;

use super::keys::Shape;
use super::{Arg, Cache, Import, LintRule, Scalar, Secret, Settings, Stage, Template};
use crate::budget::Size;
use crate::expression::Text;
use crate::source::Spanned;

/// A name that the user chose, and its place.
pub type Name = Spanned<String>;

/// A whole file.
#[derive(Debug, Default)]
pub struct File {
    /// Build arguments.
    pub args: Vec<(Name, Arg)>,
    /// Secrets.
    pub secrets: Vec<(Name, Secret)>,
    /// Caches.
    pub caches: Vec<(Name, Cache)>,
    /// Other files, whose definitions are used as `NAME.item`.
    pub imports: Vec<(Name, Import)>,
    /// Steps and stages for use in several places.
    pub templates: Vec<(Name, Template)>,
    /// What every stage starts from.
    pub defaults: Settings,
    /// The stages, in the order of the file.
    pub stages: Vec<(Name, Stage)>,
    /// The stage that is built if the client names none.
    pub target: Option<Text>,
    /// What becomes of warnings.
    pub lint: Vec<LintRule>,
    /// The names of definitions that can't be read, so that what uses them isn't a second mistake.
    pub broken: HashSet<String>,
    /// How much it stands for, aliases written out.
    pub size: Size,
    /// All values of a form, or one of a few words, that need nothing to be known of: whatever becomes of them, they can be
    /// checked.
    pub values: Vec<Constant>,
}

impl File {
    /// Tells whether a definition of this name can't be read.
    pub fn is_broken(&self, name: &str) -> bool {
        self.broken.contains(name)
    }
}

/// A value without expressions.
#[derive(Clone, Debug)]
pub struct Constant {
    /// Its key.
    pub key: &'static str,
    /// What it has to look like: a flag, a word or a form.
    pub shape: Shape,
    /// The value.
    pub scalar: Arc<Scalar>,
}
