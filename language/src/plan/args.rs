//! The build arguments of a file.

use std::collections::HashMap;
use std::ops::Deref;

use crate::source::Span;

/// A build argument.
#[derive(Clone, Debug)]
pub struct Arg {
    /// The argument's name.
    pub name: String,
    /// The location of the name.
    pub span: Span,
    /// The argument's description.
    pub description: Option<String>,
    /// The value in this build; empty if there is none.
    pub value: String,
    /// Whether this is the actual value, rather than a placeholder after a reported mistake.
    pub is_known: bool,
}

/// The build arguments that a file declares, in order, with fast look-up by name.
#[derive(Clone, Debug, Default)]
pub struct Args {
    all: Vec<Arg>,
    places: HashMap<String, usize>,
}

impl Args {
    /// Returns the argument with a name.
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
