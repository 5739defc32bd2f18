//! The names that expressions may use: their values here, their values in CEL, and evaluation.

mod binding;
mod evaluation;
mod uses;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use buildkit_llb::Platform;
use cel::Value;

use super::Language;
use super::base::{BASE, Base};
use super::cost;
use crate::budget::{Budget, Size};
use crate::plan::{Request, VCS, Vcs};
use crate::source::Sources;

pub use evaluation::written;

use binding::Bound;

/// The platforms of `platform.target` and `platform.build`.
#[derive(Clone, Debug)]
pub struct Platforms {
    /// The platform of the image.
    pub target: Platform,
    /// The platform that runs the build.
    pub build: Platform,
}

/// The maximum size of a value of an expression or an input, counting nested values: templates that pass on their input
/// twice would double it each time.
pub const MAX_VALUE: usize = 64 << 10;
/// The maximum total cost of all expressions in a program, counting each as often as it is evaluated.
pub const MAX_TOTAL_COST: u64 = 5_000_000;

/// The user of a stage's image, if it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum User {
    /// The name isn't available here.
    #[default]
    Absent,
    /// It is the base's user, which isn't known yet.
    Unknown,
    /// The user, as the config has it; empty for none.
    Known(Rc<str>),
}

/// The values of a template's inputs.
pub type Inputs = BTreeMap<String, Value>;
/// The variables of a matrix with their values in one combination.
pub type Combination = Vec<(String, String)>;

/// The names whose values depend on the position in the file.
#[derive(Clone, Debug, Default)]
pub struct LocalNames {
    /// The name of the stage; empty outside of stages.
    pub stage: Rc<str>,
    /// Its combination; empty if it has no matrix, in which case the name isn't available.
    pub combination: Rc<Combination>,
    /// The inputs of the current template; the name isn't available outside of templates.
    pub inputs: Option<Rc<Inputs>>,
    /// Inputs without a value, because something in what they were given isn't known.
    pub open: Rc<BTreeSet<String>>,
    /// The config of the stage's base.
    pub base: Base,
    /// The user of the stage's image.
    pub user: User,
    /// Whether the stage may be any: one that uses a template which nothing uses. Its name and its combination aren't
    /// known.
    pub anywhere: bool,
}

/// A build argument's value; `None` if it has none after a mistake, which is reported already.
pub type Argument<'a> = Option<&'a str>;

/// The names with their values, and what is needed to report mistakes in the file that uses them.
///
/// Some values aren't known: a missing argument, or the config of an image that hasn't been requested yet. An expression
/// that uses one has no value, which isn't an error, and neither has anything computed from it.
///
/// A name is set in CEL when an expression uses it, since most positions have no expressions.
pub struct Scope<'a> {
    sources: &'a Sources,
    /// The arguments of the file, by name.
    args: BTreeMap<&'a str, Argument<'a>>,
    platforms: &'a Platforms,
    vcs: &'a Vcs,
    target: &'a str,
    place: LocalNames,
    bound: RefCell<Bound<'a>>,
    budget: Rc<Budget>,
    /// The number of expressions that used an unknown value, and the number of those that used `base`.
    open: Cell<usize>,
    without_base: Cell<usize>,
    /// Whether an expression used `base`.
    uses_base: Cell<bool>,
}

/// All possible names.
const NAMES: [&str; 8] = [
    "args", "base", "inputs", "matrix", "platform", "stage", "target", "vcs",
];

impl<'a> Scope<'a> {
    /// Creates the scope of a file: its arguments, and the client's values.
    pub fn new(
        sources: &'a Sources,
        language: &Language,
        args: impl IntoIterator<Item = (&'a str, Argument<'a>)>,
        request: &'a Request,
    ) -> Self {
        Self {
            sources,
            args: args.into_iter().collect(),
            platforms: &request.platforms,
            vcs: &request.vcs,
            target: request.target_stage().unwrap_or_default(),
            place: LocalNames::default(),
            bound: RefCell::new(Bound::new(language)),
            budget: Rc::clone(language.budget()),
            open: Cell::new(0),
            without_base: Cell::new(0),
            uses_base: Cell::new(false),
        }
    }

    /// Returns the number of expressions so far that used an unknown value.
    pub fn open(&self) -> usize {
        self.open.get()
    }

    /// Returns the number of expressions so far that used the unknown config of a base.
    pub fn without_base(&self) -> usize {
        self.without_base.get()
    }

    /// Reports whether an expression has used `base` since the last call.
    pub fn took_base(&self) -> bool {
        self.uses_base.replace(false)
    }

    /// Sets the names that depend on the position.
    pub fn enter(&mut self, place: LocalNames) {
        self.place = place;
    }

    /// Iterates over the names that are available here.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().filter(|name| match *name {
            "matrix" => self.place.anywhere || !self.place.combination.is_empty(),
            "inputs" => self.place.inputs.is_some(),
            "base" => !matches!(self.place.base, Base::Absent),
            _ => true,
        })
    }

    /// Iterates over the members of a name.
    fn members(&self, name: &str) -> Box<dyn Iterator<Item = &str> + '_> {
        match name {
            "args" => Box::new(self.args.keys().copied()),
            "platform" => Box::new(["build", "target"].into_iter()),
            "stage" => {
                let user = !matches!(self.place.user, User::Absent);
                Box::new(std::iter::once("name").chain(user.then_some("user")))
            }
            "matrix" => {
                let variables = self.place.combination.iter();
                Box::new(variables.map(|(name, _)| name.as_str()))
            }
            "inputs" => {
                let inputs = self.place.inputs.iter().flat_map(|inputs| inputs.keys());
                let inputs = inputs.chain(self.place.open.iter());
                Box::new(inputs.map(String::as_str))
            }
            "base" => Box::new(BASE.into_iter()),
            "vcs" => Box::new(VCS.into_iter()),
            _ => Box::new(std::iter::empty()),
        }
    }

    fn has_member(&self, name: &str, member: &str) -> bool {
        match name {
            "args" => self.args.contains_key(member),
            "inputs" => {
                let inputs = self.place.inputs.as_ref();
                self.place.open.contains(member)
                    || inputs.is_some_and(|inputs| inputs.contains_key(member))
            }
            "matrix" if self.place.anywhere => true,
            _ => self.members(name).any(|one| one == member),
        }
    }

    /// Reports whether a member of a name, or any member, has no value.
    fn is_open(&self, name: &str, member: Option<&str>) -> bool {
        match (name, member) {
            ("args", Some(member)) => self.args.get(member) == Some(&None),
            ("args", None) => self.args.values().any(Option::is_none),
            ("inputs", Some(member)) => self.place.open.contains(member),
            ("inputs", None) => !self.place.open.is_empty(),
            ("stage", member) if self.lacks_user(member) => true,
            ("matrix" | "stage", _) => self.place.anywhere,
            ("base", _) => matches!(self.place.base, Base::Unknown),
            _ => false,
        }
    }

    /// Reports whether the user of the stage's image is used, and unknown because of the base.
    fn lacks_user(&self, member: Option<&str>) -> bool {
        self.place.user == User::Unknown && member != Some("name")
    }
}

/// Returns the cost of passing a value to or from CEL.
fn to_cost(size: Size) -> u64 {
    cost::traversal(size.values, size.bytes)
}
