//! The build arguments of a file.

use std::collections::HashMap;
use std::ops::Deref;

use crate::source::Span;

/// A build argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// Its name.
    pub name: String,
    /// The place of its name.
    pub span: Span,
    /// What it is for.
    pub description: Option<String>,
    /// Its value in this build; empty if it has none.
    pub value: String,
    /// Whether that is its value, and not what is left after a mistake that is reported.
    pub is_known: bool,
}

/// The build arguments that a file declares, in their order, found by their names without looking at all.
#[derive(Clone, Debug, Default)]
pub struct Args {
    all: Vec<Arg>,
    places: HashMap<String, usize>,
}

impl Args {
    /// Returns the argument of a name.
    pub fn get(&self, name: &str) -> Option<&Arg> {
        self.all.get(*self.places.get(name)?)
    }
}

impl Deref for Args {
    type Target = [Arg];

    fn deref(&self) -> &[Arg] {
        &self.all
    }
}

impl From<Vec<Arg>> for Args {
    fn from(all: Vec<Arg>) -> Self {
        let places = all.iter().enumerate();
        let places = places.map(|(place, arg)| (arg.name.clone(), place));
        Self {
            places: places.collect(),
            all,
        }
    }
}
