//! What a Stagefile says, with the place of every word: typed, checked for shape, not yet evaluated.

use std::collections::HashSet;
use std::sync::Arc;

use super::keys::Shape;
use super::{LintRule, Origin, Scalar, Settings, Stage, Template};
use crate::budget::Size;
use crate::expression::Text;
use crate::source::{Span, Spanned};

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

/// A build argument.
#[derive(Debug, Default)]
pub struct Arg {
    /// Its value when the client gives none.
    pub default: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
    /// Whether the client has to give it.
    pub required: Option<Text>,
    /// The values that it may have.
    pub values: Vec<Text>,
}

/// Another file.
#[derive(Debug)]
pub struct Import {
    /// The place of the definition.
    pub span: Span,
    /// The file's path.
    pub path: Option<Text>,
    /// Where it comes from, if that isn't where this file's own imports do.
    pub from: Option<Origin>,
    /// Its build arguments.
    pub args: Vec<(Name, Text)>,
}

/// A secret.
#[derive(Debug, Default)]
pub struct Secret {
    /// How the client calls it.
    pub id: Option<Text>,
    /// The file that scripts read it from.
    pub target: Option<Text>,
    /// The variable that scripts read it from.
    pub env: Option<Text>,
    /// The file's mode.
    pub mode: Option<Text>,
    /// The file's owner.
    pub uid: Option<Text>,
    /// The file's group.
    pub gid: Option<Text>,
    /// Whether the build goes on without it.
    pub optional: Option<Text>,
    /// What it is for.
    pub description: Option<Text>,
}

/// A cache directory.
#[derive(Debug)]
pub struct Cache {
    /// The place of the definition.
    pub span: Span,
    /// The directory.
    pub target: Option<Text>,
    /// Whether builds share it at the same time.
    pub sharing: Option<Text>,
    /// What identifies it on the daemon.
    pub id: Option<Text>,
    /// What divides it.
    pub per: Vec<Text>,
    /// Where the files are that it begins with.
    pub from: Option<Origin>,
    /// The directory of them.
    pub path: Option<Text>,
    /// The mode of the directory when it is new.
    pub mode: Option<Text>,
    /// Its owner when it is new.
    pub uid: Option<Text>,
    /// Its group when it is new.
    pub gid: Option<Text>,
}
