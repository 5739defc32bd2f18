//! The names that expressions may use, and their evaluation.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use buildkit_llb::Platform;
use cel::common::ast::{EntryExpr, Expr, SelectExpr};
use cel::common::types::{CelBool, CelMap, CelMapKey, CelString};
use cel::common::value::Val;
use cel::parser::Expression;
use cel::{Context, ExecutionError, Value};
use stagefile_text::suggestion::closest;

use super::Language;
use super::base::{BASE, Base, Known};
use super::cost::{self, MAX_COST, TooCostly};
use super::text::{Piece, Text};
use crate::budget::{Budget, Size};
use crate::diagnostic::{Diagnostics, SHOWN};
use crate::diagnostics;
use crate::plan::{Request, VCS, Vcs};
use crate::source::{Sources, Spanned};

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

/// What CEL was told.
struct Bound<'a> {
    context: Context<'a, 'a>,
    /// The names whose values don't change.
    fixed: Vec<&'static str>,
    stage: Option<(Rc<str>, User)>,
    combination: Option<Rc<Combination>>,
    inputs: Option<Rc<Inputs>>,
    base: Option<Rc<Known>>,
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
        let bound = Bound {
            context: Context::with_env(language.env()),
            fixed: Vec::new(),
            stage: None,
            combination: None,
            inputs: None,
            base: None,
        };
        Self {
            sources,
            args: args.into_iter().collect(),
            platforms: &request.platforms,
            vcs: &request.vcs,
            target: request.target_stage().unwrap_or_default(),
            place: LocalNames::default(),
            bound: RefCell::new(bound),
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

    /// Tells CEL the value of a name.
    fn bind(&self, name: &'static str) {
        let bound = &mut *self.bound.borrow_mut();
        let context = &mut bound.context;
        match name {
            "stage" => {
                let LocalNames { stage, user, .. } = &self.place;
                let is_known = bound.stage.as_ref();
                if is_known.is_none_or(|known| (&known.0, &known.1) != (stage, user)) {
                    bound.stage = Some((Rc::clone(stage), user.clone()));
                    let name = text(stage.to_string());
                    let user = match user {
                        User::Known(user) => Some(("user", text(user.to_string()))),
                        User::Absent | User::Unknown => None,
                    };
                    let members = std::iter::once(("name", name)).chain(user);
                    context.add_variable_as_val("stage", map(members));
                }
            }
            "matrix" => {
                if is_new(&mut bound.combination, &self.place.combination) {
                    let values = self.place.combination.iter();
                    let values = values.map(|(name, value)| (name.clone(), text(value.clone())));
                    context.add_variable_as_val("matrix", map(values));
                }
            }
            "inputs" => {
                if let Some(inputs) = &self.place.inputs
                    && is_new(&mut bound.inputs, inputs)
                {
                    let sizes = inputs.values();
                    let size = sizes.map(|value| Size::of_value(value, MAX_VALUE)).sum();
                    self.budget.spend(to_cost(size));
                    let values = inputs.as_ref().clone().into_iter();
                    let values: HashMap<String, Value> = values.collect();
                    context.add_variable_from_value("inputs", values);
                }
            }
            "base" => {
                if let Base::Known(base) = &self.place.base
                    && is_new(&mut bound.base, base)
                {
                    let values = base.values().clone().into_iter();
                    let values: HashMap<String, Value> = values.collect();
                    context.add_variable_from_value("base", values);
                }
            }
            _ if bound.fixed.contains(&name) => {}
            _ => {
                bound.fixed.push(name);
                let value: Box<dyn Val + 'a> = match name {
                    "args" => {
                        let known = self.args.iter();
                        let known =
                            known.filter_map(|(name, value)| Some((*name, text((*value)?))));
                        map(known)
                    }
                    "platform" => {
                        let Platforms { target, build } = self.platforms;
                        map([("target", platform(target)), ("build", platform(build))])
                    }
                    "vcs" => {
                        let vcs = self.vcs;
                        let dirty: Box<dyn Val + 'a> = Box::new(CelBool::from(vcs.dirty));
                        let texts = [
                            ("revision", vcs.revision.as_str()),
                            ("short", vcs.short()),
                            ("source", vcs.source.as_str()),
                            ("tag", vcs.tag.as_str()),
                        ];
                        let texts = texts.map(|(name, value)| (name, text(value)));
                        map(texts.into_iter().chain([("dirty", dirty)]))
                    }
                    _ => text(self.target),
                };
                context.add_variable_as_val(name, value);
            }
        }
    }

    /// Evaluates a text; `None` after an error, which is reported at its place inside the scalar.
    pub fn evaluate(&self, text: &Text, found: &mut Diagnostics) -> Option<Spanned<String>> {
        let Some(pieces) = &text.pieces else {
            let written = text.scalar.text.as_str();
            let taken = self.budget.take(Size::of(written), text.span(), found);
            return taken.then(|| Spanned::new(written.to_owned(), text.span()));
        };
        let mut value = Some(String::new());
        let mut inserted = 0;
        let mut mistakes = 0;
        for piece in pieces.iter() {
            let part = match piece {
                Piece::Literal(literal) => Some(literal.clone()),
                Piece::Expression {
                    program,
                    written,
                    offset,
                } => self.run(text, program, written, *offset, found),
            };
            if let (Some(part), Piece::Expression { .. }) = (&part, piece) {
                inserted += part.len();
            }
            if inserted > MAX_VALUE {
                found.push(diagnostics::value_too_large(MAX_VALUE, text.span()));
                return None;
            }
            // All pieces are looked at, so that all mistakes of a scalar are reported; but of a huge one, whose places
            // take long to find, only some.
            mistakes += usize::from(part.is_none());
            if mistakes >= SHOWN {
                return None;
            }
            value = value.zip(part).map(|(value, part)| value + &part);
        }
        let value = value?;
        let taken = self.budget.take(Size::of(&value), text.span(), found);
        taken.then(|| Spanned::new(value, text.span()))
    }

    /// Evaluates a text that is one expression and nothing else, to whatever value it has; `None` for other texts, and
    /// after an error.
    pub fn evaluate_value(&self, text: &Text, found: &mut Diagnostics) -> Option<Value> {
        match text.pieces.as_deref().map(Vec::as_slice) {
            Some(
                [
                    Piece::Expression {
                        program,
                        written,
                        offset,
                    },
                ],
            ) => self.value(text, program, written, *offset, found),
            _ => None,
        }
    }

    /// Evaluates a condition.
    pub fn evaluate_condition(&self, text: &Text, found: &mut Diagnostics) -> Option<bool> {
        // One that can't be read is reported already.
        if text.pieces.as_ref().is_some_and(|pieces| pieces.is_empty()) {
            return None;
        }
        if text.single_expression().is_none() {
            let text = self.evaluate(text, found)?;
            found.push(diagnostics::not_a_condition("text", text.span));
            return None;
        }
        match self.evaluate_value(text, found)? {
            Value::Bool(truth) => Some(truth),
            other => {
                let kind = other.type_of().to_string();
                found.push(diagnostics::not_a_condition(&kind, text.span()));
                None
            }
        }
    }

    fn run(
        &self,
        text: &Text,
        program: &Expression,
        written: &str,
        offset: usize,
        found: &mut Diagnostics,
    ) -> Option<String> {
        let value = self.value(text, program, written, offset, found)?;
        let text_of_value = super::written(&value);
        if text_of_value.is_none() {
            let source = self.sources.file(text.span());
            let span = text.scalar.locate(source, offset, offset + written.len());
            found.push(diagnostics::not_a_text(&value.type_of().to_string(), span));
        }
        text_of_value
    }

    fn value(
        &self,
        text: &Text,
        program: &Expression,
        written: &str,
        offset: usize,
        found: &mut Diagnostics,
    ) -> Option<Value> {
        let locate = |start: usize, end: usize| {
            let source = self.sources.file(text.span());
            text.scalar.locate(source, offset + start, offset + end)
        };
        let used = self.used_names(program);
        for name in &used.unknown {
            let (start, end) = find_name(written, &name.name);
            let span = locate(start, end);
            found.push(match &name.of {
                Some(of) => diagnostics::unknown_member(of, &name.name, span, || self.members(of)),
                None => {
                    diagnostics::unknown_name(&name.name, span, closest(&name.name, self.names()))
                }
            });
        }
        if !used.unknown.is_empty() {
            return None;
        }
        if used.is_open {
            self.open.set(self.open.get() + 1);
            return None;
        }
        // Finding the place takes as long as the scalar is.
        let span = || locate(0, written.len());
        let left = MAX_TOTAL_COST.saturating_sub(self.budget.spent());
        let limit = MAX_COST.min(left);
        let (value, cost) = cost::limited(limit, || {
            Value::resolve(program, &self.bound.borrow().context)
        });
        self.budget.spend(cost);
        match value {
            Err(TooCostly) if limit == MAX_COST => {
                found.push(diagnostics::expression_too_costly(MAX_COST, span()));
                None
            }
            Err(TooCostly) => {
                let error = || diagnostics::expressions_too_costly(MAX_TOTAL_COST, span());
                self.budget.report(error, found);
                None
            }
            Ok(Ok(value)) => {
                let size = Size::of_value(&value, MAX_VALUE);
                self.budget.spend(to_cost(size));
                if size.total() > MAX_VALUE {
                    found.push(diagnostics::value_too_large(MAX_VALUE, span()));
                    return None;
                }
                Some(value)
            }
            Ok(Err(ExecutionError::NoSuchKey(key))) if used.base => {
                let Base::Known(base) = &self.place.base else {
                    return None;
                };
                found.push(diagnostics::absent_in_base(&key, written, base, span()));
                None
            }
            Ok(Err(error)) => {
                found.push(diagnostics::failed_expression(
                    written,
                    &reason(&error),
                    span(),
                ));
                None
            }
        }
    }

    /// Looks at the names in an expression, and tells CEL of those that there are.
    fn used_names(&self, expression: &Expression) -> Used {
        let mut used = Used::default();
        let mut locals: Vec<String> = Vec::new();
        self.visit(expression, &mut locals, &mut used);
        used
    }

    fn visit(&self, expression: &Expression, locals: &mut Vec<String>, used: &mut Used) {
        match &expression.expr {
            Expr::Ident(name) => match self.names().find(|one| one == name) {
                Some(known) => self.use_name(known, None, used),
                None if locals.contains(name) => {}
                None => used.unknown.push(Unknown {
                    of: None,
                    name: name.clone(),
                }),
            },
            Expr::Select(select) => self.visit_select(select, locals, used),
            Expr::Call(call) => {
                let target = call.target.as_deref().into_iter();
                target
                    .chain(&call.args)
                    .for_each(|inner| self.visit(inner, locals, used));
            }
            Expr::List(list) => list
                .elements
                .iter()
                .for_each(|inner| self.visit(inner, locals, used)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key, locals, used);
                        self.visit(&entry.value, locals, used);
                    }
                }
            }
            Expr::Comprehension(all) => {
                self.visit(&all.iter_range, locals, used);
                self.visit(&all.accu_init, locals, used);
                let outer = locals.len();
                locals.extend([all.iter_var.clone(), all.accu_var.clone()]);
                locals.extend(all.iter_var2.clone());
                for inner in [&all.loop_cond, &all.loop_step, &all.result] {
                    self.visit(inner, locals, used);
                }
                locals.truncate(outer);
            }
            _ => {}
        }
    }

    fn visit_select(&self, select: &SelectExpr, locals: &mut Vec<String>, used: &mut Used) {
        if let Expr::Ident(of) = &select.operand.expr
            && let Some(of) = self.names().find(|one| one == of)
        {
            if select.test || self.has_member(of, &select.field) {
                self.use_name(of, Some(&select.field), used);
            } else {
                used.unknown.push(Unknown {
                    of: Some(of),
                    name: select.field.clone(),
                });
            }
            return;
        }
        self.visit(&select.operand, locals, used);
    }

    /// Notes that a name, or a member of it, is used.
    fn use_name(&self, name: &'static str, member: Option<&str>, used: &mut Used) {
        used.is_open |= self.is_open(name, member);
        if name == "base" {
            used.base = true;
            self.uses_base.set(true);
        }
        let lacks_base = match name {
            "base" => matches!(self.place.base, Base::Unknown),
            "stage" => self.lacks_user(member),
            _ => false,
        };
        if lacks_base {
            self.without_base.set(self.without_base.get() + 1);
        }
        self.bind(name);
    }
}

/// Says why an expression has no value, in the words of its text.
fn reason(error: &ExecutionError) -> String {
    match error {
        ExecutionError::UnsupportedBinaryOperator(name, left, right) => {
            let operator = match *name {
                "add" => "+",
                "sub" => "-",
                "mul" => "*",
                "div" => "/",
                "rem" => "%",
                other => other,
            };
            let (left, right) = (left.type_of(), right.type_of());
            format!(
                "`{operator}` doesn't take {left} and {right}; `string(x)` and `int(x)` convert"
            )
        }
        ExecutionError::NoSuchKey(key) => format!("there is no `{key}`"),
        ExecutionError::UndeclaredReference(name) => format!("there is no function `{name}`"),
        ExecutionError::ValuesNotComparable(left, right) => {
            let (left, right) = (left.type_of(), right.type_of());
            format!("{left} and {right} can't be compared")
        }
        other => other.to_string(),
    }
}

/// Returns what it costs to hand a value to CEL, or to take one from it.
fn to_cost(size: Size) -> u64 {
    cost::of(size.values, size.bytes)
}

/// What an expression uses.
#[derive(Default)]
struct Used {
    /// Names that nothing defines.
    unknown: Vec<Unknown>,
    /// Whether a value isn't known.
    is_open: bool,
    /// Whether `base` is among them.
    base: bool,
}

/// A name that nothing defines.
struct Unknown {
    /// The name that it is looked for in.
    of: Option<&'static str>,
    name: String,
}

/// Remembers a value, and tells whether it is another one than before.
fn is_new<T: ?Sized>(known: &mut Option<Rc<T>>, value: &Rc<T>) -> bool {
    let same = known.as_ref().is_some_and(|known| Rc::ptr_eq(known, value));
    *known = Some(Rc::clone(value));
    !same
}

/// Makes CEL's text of one that may be borrowed.
fn text<'a>(text: impl Into<CelString<'a>>) -> Box<dyn Val + 'a> {
    Box::new(text.into())
}

/// Makes CEL's map of names and their values.
fn map<'a, K: Into<CelMapKey<'a>>>(
    members: impl IntoIterator<Item = (K, Box<dyn Val + 'a>)>,
) -> Box<dyn Val + 'a> {
    let members = members
        .into_iter()
        .map(|(name, value)| (name.into(), value));
    Box::new(CelMap::from(members.collect::<HashMap<_, _>>()))
}

fn platform(platform: &Platform) -> Box<dyn Val + '_> {
    map([
        ("os", text(platform.os.as_str())),
        ("arch", text(platform.architecture.as_str())),
        ("variant", text(platform.variant.as_str())),
        ("string", text(platform.to_string())),
    ])
}

/// Finds a name as a whole word of an expression.
fn find_name(written: &str, name: &str) -> (usize, usize) {
    let word = |character: char| character.is_alphanumeric() || character == '_';
    let is_whole =
        |at: usize| !written[..at].ends_with(word) && !written[at + name.len()..].starts_with(word);
    let at = written
        .match_indices(name)
        .map(|(at, _)| at)
        .find(|at| is_whole(*at));
    at.map_or((0, written.len()), |at| (at, at + name.len()))
}

/// Writes a value as a text; `None` for lists and the like.
pub fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        _ => return None,
    })
}
