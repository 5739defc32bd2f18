//! Templates and their inputs.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use cel::Value;
use cel::objects::{Key, Map};
use stagefile_text::suggestion::CANDIDATES;

use super::Planner;
use super::frame::Frame;
use super::imports::APP;
use super::index::by_name;
use crate::budget::Size;
use crate::diagnostics;
use crate::expression::{Inputs, LocalNames, MAX_VALUE, Text, written};
use crate::program::STD;
use crate::source::{Span, Spanned};
use crate::syntax::{Data, Input, Name, Template, TemplateUse};
use crate::value::flag;
use crate::value::{INPUT_KIND, InputKind as Kind};

/// The maximum nesting depth of templates.
pub const MAX_DEPTH: usize = 32;

impl Kind {
    fn empty(self) -> Value {
        match self {
            Self::String => Value::from(String::new()),
            Self::Number => Value::Int(0),
            Self::Boolean => Value::Bool(false),
            Self::List => Value::List(Arc::default()),
            Self::Map => Value::Map(Map {
                map: Arc::default(),
            }),
        }
    }

    /// Accepts a value of an expression; `None` if it is of another type.
    fn accept(self, value: Value) -> Option<Value> {
        match (self, &value) {
            (Self::String, _) => written(&value).map(Value::from),
            (Self::Number, Value::Int(_) | Value::UInt(_) | Value::Float(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::List, Value::List(_))
            | (Self::Map, Value::Map(_)) => Some(value),
            (Self::Number | Self::Boolean, Value::String(text)) => self.parse(text),
            (Self::List, _) => self.parse(&written(&value)?),
            _ => None,
        }
    }

    /// Parses a string; `None` if it isn't of this type.
    fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::String => Some(Value::from(text.to_owned())),
            Self::Number => text
                .parse()
                .map(Value::Int)
                .or_else(|_| text.parse().map(Value::Float))
                .ok(),
            Self::Boolean => text.parse().ok().map(Value::Bool),
            // As in all lists of strings, a single string is accepted.
            Self::List => Some(Value::from(vec![text.to_owned()])),
            Self::Map => None,
        }
    }
}

impl<'a> Planner<'a> {
    /// Finds the template that is used, and the position that determines which names are visible in it.
    pub(super) fn template(&mut self, used: &TemplateUse) -> Option<(&'a Template, Frame)> {
        let name = self.text(&used.template)?;
        let program = self.program;
        let here = &program.modules[self.frame.module];
        let (module, wanted) = self.defining(&name.value);
        let index = self.index(module);
        let Some((defined, template)) = index.templates.get(wanted).copied() else {
            if program.modules[module].file.is_broken(wanted) {
                return None;
            }
            if name.value == APP {
                self.found.push(diagnostics::not_a_project_here(name.span));
                return None;
            }
            let imports = here.imports.iter().flat_map(|(import, module)| {
                let templates = program.modules[*module].file.templates.iter();
                templates.map(move |(name, _)| format!("{import}.{}", name.value))
            });
            let own = here.file.templates.iter();
            let own = own.map(|(name, _)| name.value.clone());
            let known: Vec<String> = own.chain(imports).take(CANDIDATES).collect();
            self.found.push(diagnostics::unknown_template(
                &name.value,
                name.span,
                known.iter().map(String::as_str),
            ));
            return None;
        };
        if self.frame.uses.len() >= MAX_DEPTH {
            self.found.push(diagnostics::template_recursion(
                &name.value,
                name.span,
                defined.span,
            ));
            return None;
        }
        self.used_templates.insert((module, defined.value.as_str()));
        let mut uses = self.frame.uses.as_ref().clone();
        uses.push(name.span);
        let definition = Frame {
            module,
            place: LocalNames {
                inputs: None,
                open: Rc::default(),
                ..self.frame.place.clone()
            },
            template: self
                .frame
                .template
                .clone()
                .or(Some(name.value.as_str().into())),
            stage: self.frame.stage,
            private: Rc::default(),
            uses: Rc::new(uses),
        };
        let (inputs, open) = self.inputs(template, &definition, used, &name)?;
        let mut frame = definition;
        frame.place.inputs = Some(Rc::new(inputs));
        frame.place.open = Rc::new(open);
        self.private_stages(template, &mut frame);
        Some((template, frame))
    }

    /// Evaluates a template's inputs, and determines those without a value, because of a mistake or because something in what
    /// they are given isn't known; `None` if they exceed the budget.
    fn inputs(
        &mut self,
        template: &Template,
        definition: &Frame,
        used: &TemplateUse,
        name: &Spanned<String>,
    ) -> Option<(Inputs, BTreeSet<String>)> {
        let mut inputs = BTreeMap::new();
        let mut open = BTreeSet::new();
        let declared = by_name(&template.inputs);
        for (given, _) in &used.with {
            if !declared.contains_key(given.value.as_str()) {
                let known = template.inputs.iter().map(|(one, _)| one.value.as_str());
                self.found.push(diagnostics::unknown_input(
                    &name.value,
                    &given.value,
                    given.span,
                    known,
                ));
            }
        }
        let given = by_name(&used.with);
        for (declared, input) in &template.inputs {
            let given = given.get(declared.value.as_str()).copied();
            match self.input(declared, input, given, definition, name) {
                Some(value) => _ = inputs.insert(declared.value.clone(), value),
                None => _ = open.insert(declared.value.clone()),
            }
        }
        // They are stored, and passed on.
        let sizes = inputs.values();
        let size = sizes.map(|value| Size::of_value(value, MAX_VALUE)).sum();
        self.take(|| size, name.span).then_some((inputs, open))
    }

    fn input(
        &mut self,
        declared: &Name,
        input: &Input,
        given: Option<&(Name, Data)>,
        definition: &Frame,
        used: &Spanned<String>,
    ) -> Option<Value> {
        let (kind, required, allowed) = self.within(definition.clone(), |planner| {
            let kind = planner.word("type", input.kind.as_ref(), &INPUT_KIND);
            let required = planner.optional(input.required.as_ref());
            let required = required.and_then(|text| flag("required", &text, planner.found));
            (kind, required, planner.texts(&input.values))
        });
        let kind = kind.unwrap_or(Kind::String);
        if required == Some(true)
            && let (Some(default), Some(text)) = (&input.default, &input.required)
        {
            let default = span_of(default).unwrap_or(declared.span);
            self.found
                .push(diagnostics::required_default(text.span(), default));
        }
        let value = match (given, &input.default) {
            (Some((name, data)), _) => self.value_of(data, kind, name, Some(declared.span)),
            (None, Some(data)) => self.within(definition.clone(), |planner| {
                planner.value_of(data, kind, declared, None)
            }),
            (None, None) if required == Some(true) => {
                self.found.push(diagnostics::missing_input(
                    &used.value,
                    &declared.value,
                    used.span,
                    declared.span,
                ));
                None
            }
            (None, None) => Some(kind.empty()),
        }?;
        if let Some((name, data)) = given
            && let Some(text) = written(&value)
            && !allowed.is_empty()
            && !allowed.iter().any(|one| one.value == text)
        {
            let words: Vec<&str> = allowed.iter().map(|one| one.value.as_str()).collect();
            let span = span_of(data).unwrap_or(name.span);
            let error = diagnostics::not_one_of(&declared.value, &text, span, &words);
            self.found
                .push(error.secondary(declared.span, "the input is declared here"));
            return None;
        }
        Some(value)
    }

    /// Checks the defaults of all inputs that don't depend on anything, whether or not a template is used.
    pub(super) fn check_defaults(&mut self) {
        let modules = self.program.modules.iter().enumerate();
        for (index, module) in modules.filter(|(_, module)| module.name != STD) {
            let frame = self.top_of(index);
            self.within(frame, |planner| {
                let templates = module.file.templates.iter();
                for (name, input) in templates.flat_map(|(_, template)| &template.inputs) {
                    let kind = input.kind.as_ref().map_or(Some("string"), Text::constant);
                    let kind = kind.and_then(|kind| INPUT_KIND.get(kind));
                    let default = input.default.as_ref().filter(|data| is_constant(data));
                    if let (Some(kind), Some(default)) = (kind, default) {
                        _ = planner.value_of(default, kind, name, None);
                    }
                }
            });
        }
    }

    /// Evaluates data as a value of a type.
    fn value_of(
        &mut self,
        data: &Data,
        kind: Kind,
        name: &Name,
        declared: Option<Span>,
    ) -> Option<Value> {
        let value = match (data, kind) {
            (Data::Scalar(text), _) => match text.single_expression() {
                Some(_) => {
                    let value = self.evaluate_value(text)?;
                    kind.accept(value)
                }
                None => kind.parse(&self.text(text)?.value),
            },
            (Data::List(_), Kind::List) | (Data::Mapping(_), Kind::Map) => {
                let (value, size) = self.item(data)?;
                if size.total() > MAX_VALUE {
                    self.found
                        .push(diagnostics::value_too_large(MAX_VALUE, name.span));
                    return None;
                }
                return Some(value);
            }
            _ => None,
        };
        if value.is_none() {
            let found = match data {
                Data::Scalar(_) => "a string",
                Data::List(_) => "a list",
                Data::Mapping(_) => "a mapping",
            };
            let span = span_of(data).unwrap_or(name.span);
            self.found.push(diagnostics::wrong_input(
                &name.value,
                INPUT_KIND.name(kind),
                found,
                span,
                declared,
            ));
        }
        value
    }

    /// Evaluates data as it is: strings stay strings, and an expression keeps its value. Also returns the size; if it exceeds
    /// the limit for a value, only a part is returned.
    fn item(&mut self, data: &Data) -> Option<(Value, Size)> {
        let mut size = Size {
            values: 1,
            bytes: 0,
        };
        match data {
            Data::Scalar(text) if text.single_expression().is_some() => {
                let value = self.evaluate_value(text)?;
                let size = Size::of_value(&value, MAX_VALUE);
                Some((value, size))
            }
            Data::Scalar(text) => {
                let text = self.text(text)?.value;
                let size = Size::of(&text);
                Some((Value::from(text), size))
            }
            Data::List(items) => {
                let mut values = Vec::new();
                for item in items {
                    let (value, own) = self.item(item)?;
                    size = size + own;
                    match (item, value) {
                        // As everywhere, a list in place of an item stands for its items.
                        (Data::Scalar(_), Value::List(more)) => values.extend(more.iter().cloned()),
                        (_, value) => values.push(value),
                    }
                    if size.total() > MAX_VALUE {
                        break;
                    }
                }
                Some((Value::List(Arc::new(values)), size))
            }
            Data::Mapping(entries) => {
                let mut values: HashMap<Key, Value> = HashMap::new();
                for (name, value) in entries {
                    let (value, own) = self.item(value)?;
                    size = size + own + Size::of(&name.value);
                    values.insert(Key::from(name.value.clone()), value);
                    if size.total() > MAX_VALUE {
                        break;
                    }
                }
                let map = Map {
                    map: Arc::new(values),
                };
                Some((Value::Map(map), size))
            }
        }
    }

    pub(super) fn evaluate_value(&mut self, text: &Text) -> Option<Value> {
        self.evaluating(|scope, found| scope.evaluate_value(text, found))
    }

    /// Replaces expressions whose values are lists by the items.
    pub(super) fn splice(&mut self, texts: &[Text]) -> Vec<Text> {
        let mut all = Vec::with_capacity(texts.len());
        for text in texts {
            match text
                .single_expression()
                .and_then(|_| self.evaluate_value(text))
            {
                Some(Value::List(items)) => {
                    for item in items.iter().filter_map(written) {
                        if !self.take(|| Size::of(&item), text.span()) {
                            return all;
                        }
                        all.push(Text::of_value(item, text));
                    }
                }
                _ => all.push(text.clone()),
            }
        }
        all
    }
}

/// Reports whether data has no expressions.
fn is_constant(data: &Data) -> bool {
    match data {
        Data::Scalar(text) => text.constant().is_some(),
        Data::List(items) => items.iter().all(is_constant),
        Data::Mapping(entries) => entries.iter().all(|(_, value)| is_constant(value)),
    }
}

fn span_of(data: &Data) -> Option<Span> {
    match data {
        Data::Scalar(text) => Some(text.span()),
        Data::List(_) | Data::Mapping(_) => None,
    }
}
