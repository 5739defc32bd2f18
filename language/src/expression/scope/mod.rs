//! The names that expressions may use: what is known of them here, what CEL is told of them, and what comes of it.

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

/// The platforms that `platform.target` and `platform.build` name.
#[derive(Clone, Debug)]
pub struct Platforms {
    /// What the image is for.
    pub target: Platform,
    /// What the build runs on.
    pub build: Platform,
}

/// How large a value of an expression or an input may be, the values inside of it counted too: templates that hand on twice
/// what they are given would double it each time.
pub const MAX_VALUE: usize = 64 << 10;
/// What all expressions of a program may cost together, each as often as it is evaluated.
pub const MAX_TOTAL_COST: u64 = 5_000_000;

/// What is known of the user of a stage's image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum User {
    /// There is no such name here.
    #[default]
    Absent,
    /// It is that of what the stage starts from, which isn't known yet.
    Unknown,
    /// The user, as the config has it; empty for none.
    Known(Rc<str>),
}

/// The values of a template's inputs.
pub type Inputs = BTreeMap<String, Value>;
/// The variables of a matrix with their values in one combination.
pub type Combination = Vec<(String, String)>;

/// The names whose values differ from place to place.
#[derive(Clone, Debug, Default)]
pub struct LocalNames {
    /// The stage; empty outside of stages.
    pub stage: Rc<str>,
    /// Its combination; empty if it has no matrix, and then there is no such name.
    pub combination: Rc<Combination>,
    /// The inputs of the template that is used; there is no such name outside of templates.
    pub inputs: Option<Rc<Inputs>>,
    /// Inputs that have no value, since of what they are given something isn't known.
    pub open: Rc<BTreeSet<String>>,
    /// The config of what the stage starts from.
    pub base: Base,
    /// The user of the stage's image.
    pub user: User,
    /// Whether it may be any stage: one that uses a template which nothing uses. Its name and its combination aren't known.
    pub anywhere: bool,
}

/// A build argument's value; `None` if it has none after a mistake, which is reported already.
pub type Argument<'a> = Option<&'a str>;

/// The names with their values, and what is needed to report mistakes in the file they are used in.
///
/// Some values aren't known: an argument that is missing, the config of an image that nobody has asked for yet. An
/// expression that uses one has no value, without an error, and so has what is made of it.
///
/// CEL is told of a name when an expression uses it: most places have no expressions.
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
    /// How many expressions used a value that isn't known, and how many of them that of `base`.
    open: Cell<usize>,
    without_base: Cell<usize>,
    /// Whether an expression used `base`.
    uses_base: Cell<bool>,
}

/// All names that there may be.
const NAMES: [&str; 8] = [
    "args", "base", "inputs", "matrix", "platform", "stage", "target", "vcs",
];

impl<'a> Scope<'a> {
    /// Creates the scope of a file: its arguments, and what the client says.
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

    /// Returns how many expressions so far used a value that isn't known.
    pub fn open(&self) -> usize {
        self.open.get()
    }

    /// Returns how many expressions so far used the config of what a stage starts from, where that isn't known.
    pub fn without_base(&self) -> usize {
        self.without_base.get()
    }

    /// Tells whether an expression has used `base` since this was asked last.
    pub fn took_base(&self) -> bool {
        self.uses_base.replace(false)
    }

    /// Sets the names that differ from place to place.
    pub fn enter(&mut self, place: LocalNames) {
        self.place = place;
    }

    /// Lists the names that there are here.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().filter(|name| match *name {
            "matrix" => self.place.anywhere || !self.place.combination.is_empty(),
            "inputs" => self.place.inputs.is_some(),
            "base" => !matches!(self.place.base, Base::Absent),
            _ => true,
        })
    }

    /// Lists the members that a name has.
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

    /// Tells whether a member of a name, or any of them, has no value.
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

    /// Tells whether the user of the stage's image is asked for, and can't be known without what the stage starts from.
    fn lacks_user(&self, member: Option<&str>) -> bool {
        self.place.user == User::Unknown && member != Some("name")
    }
}

/// Returns what it costs to hand a value to CEL, or to take one from it.
fn to_cost(size: Size) -> u64 {
    cost::of(size.values, size.bytes)
}
