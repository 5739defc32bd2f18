//! The values of names in CEL, which are set when an expression first uses a name, and again when its
//! value changes.

use std::collections::HashMap;
use std::rc::Rc;

use buildkit_llb::Platform;
use cel::common::types::{CelBool, CelMap, CelMapKey, CelString};
use cel::common::value::Val;
use cel::{Context, Value};

use super::super::Language;
use super::super::base::{Base, Known};
use super::{Combination, Inputs, LocalNames, MAX_VALUE, Platforms, Scope, User, to_cost};
use crate::budget::Size;

/// The state of names in CEL.
pub(super) struct Bound<'a> {
    pub(super) context: Context<'a, 'a>,
    /// The names whose values don't change.
    fixed: Vec<&'static str>,
    stage: Option<(Rc<str>, User)>,
    combination: Option<Rc<Combination>>,
    inputs: Option<Rc<Inputs>>,
    base: Option<Rc<Known>>,
}

impl Bound<'_> {
    /// Creates a value without names.
    pub(super) fn new(language: &Language) -> Self {
        Self {
            context: Context::with_env(language.env()),
            fixed: Vec::new(),
            stage: None,
            combination: None,
            inputs: None,
            base: None,
        }
    }
}

impl<'a> Scope<'a> {
    /// Sets the value of a name in CEL.
    pub(super) fn bind(&self, name: &'static str) {
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
}

/// Stores a value, and returns whether it differs from the previous one.
fn is_new<T: ?Sized>(known: &mut Option<Rc<T>>, value: &Rc<T>) -> bool {
    let same = known.as_ref().is_some_and(|known| Rc::ptr_eq(known, value));
    *known = Some(Rc::clone(value));
    !same
}

/// Creates a CEL string from one that may be borrowed.
fn text<'a>(text: impl Into<CelString<'a>>) -> Box<dyn Val + 'a> {
    Box::new(text.into())
}

/// Creates a CEL map from names and their values.
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
