//! The names that expressions may use, and their evaluation.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use cel::common::ast::{EntryExpr, Expr, SelectExpr};
use cel::parser::Expression;
use cel::{Context, Value};

use super::Language;
use super::cost::{self, MAX_COST, TooCostly};
use super::language::Spent;
use super::text::{Piece, Text};
use crate::diagnostic::{Diagnostic, Diagnostics, SHOWN};
use crate::diagnostics;
use crate::source::{Sources, Spanned};
use crate::suggestion::closest;
use buildkit_llb::Platform;

/// The platforms that `platform.target` and `platform.build` name.
#[derive(Clone, Debug)]
pub struct Platforms {
    /// What the image is for.
    pub target: Platform,
    /// What the build runs on.
    pub build: Platform,
}

/// How large a value of an expression may be: templates that hand on twice what they are given would double it each time.
pub const MAX_VALUE: usize = 64 << 10;
/// What all expressions of a program may cost together, each as often as it is evaluated.
pub const MAX_TOTAL_COST: u64 = 5_000_000;
/// How many bytes all texts with expressions may have together, each as often as it is evaluated. A message to a daemon
/// holds 16 MiB.
pub const MAX_TOTAL_TEXT: usize = 32 << 20;

/// The names with their values, and what is needed to report mistakes in the file they are used in.
pub struct Scope<'a> {
    sources: &'a Sources,
    context: Context<'static, 'static>,
    /// The members that each name has, sorted, for checks and suggestions.
    members: BTreeMap<&'static str, Vec<String>>,
    spent: Rc<Spent>,
}

impl<'a> Scope<'a> {
    /// Creates the scope of a file: its arguments, the platforms and the stage that is asked for.
    pub fn new(
        sources: &'a Sources,
        language: &Language,
        args: impl IntoIterator<Item = (String, String)>,
        platforms: &Platforms,
        target: &str,
    ) -> Self {
        let mut scope = Self {
            sources,
            context: Context::with_env(language.env()),
            members: BTreeMap::new(),
            spent: language.spent(),
        };
        let args: HashMap<String, Value> = args
            .into_iter()
            .map(|(name, value)| (name, Value::from(value)))
            .collect();
        scope.define("args", args);
        let both = [("target", &platforms.target), ("build", &platforms.build)];
        let both =
            both.map(|(name, platform)| (name.to_owned(), Value::from(members_of(platform))));
        scope.define("platform", HashMap::from(both));
        scope
            .context
            .add_variable_from_value("target", target.to_owned());
        scope.members.insert("target", Vec::new());
        scope.enter_stage("");
        scope
    }

    /// Sets `stage.name`.
    pub fn enter_stage(&mut self, name: &str) {
        self.define(
            "stage",
            HashMap::from([("name".to_owned(), Value::from(name.to_owned()))]),
        );
    }

    /// Sets `matrix`; without variables there is no such name.
    pub fn enter_matrix(&mut self, combination: &[(String, String)]) {
        let values = combination.iter();
        let values = values.map(|(name, value)| (name.clone(), Value::from(value.clone())));
        self.define_or_forget("matrix", values.collect());
    }

    /// Sets `inputs`; outside of templates there is no such name.
    pub fn enter_template(&mut self, inputs: Option<&BTreeMap<String, Value>>) {
        match inputs {
            Some(inputs) => self.define("inputs", inputs.clone().into_iter().collect()),
            None => _ = self.members.remove("inputs"),
        }
    }

    fn define_or_forget(&mut self, name: &'static str, members: HashMap<String, Value>) {
        if members.is_empty() {
            self.members.remove(name);
        } else {
            self.define(name, members);
        }
    }

    fn define(&mut self, name: &'static str, members: HashMap<String, Value>) {
        let mut names: Vec<String> = members.keys().cloned().collect();
        names.sort();
        self.members.insert(name, names);
        self.context.add_variable_from_value(name, members);
    }

    /// Evaluates a text; `None` after an error, which is reported at its place inside the scalar.
    pub fn evaluate(&self, text: &Text, found: &mut Diagnostics) -> Option<Spanned<String>> {
        let Some(pieces) = &text.pieces else {
            return Some(Spanned::new(text.scalar.text.clone(), text.span()));
        };
        let mut value = Some(String::new());
        let mut inserted = 0;
        let mut mistakes = 0;
        for piece in pieces {
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
        let total = self.spent.text.get().saturating_add(value.len());
        self.spent.text.set(total);
        if total > MAX_TOTAL_TEXT {
            let error = || diagnostics::too_much_text(MAX_TOTAL_TEXT, text.span());
            self.report_total(error, found);
            return None;
        }
        Some(Spanned::new(value, text.span()))
    }

    /// Evaluates a text that is one expression and nothing else, to whatever value it has; `None` for other texts, and
    /// after an error.
    pub fn evaluate_value(&self, text: &Text, found: &mut Diagnostics) -> Option<Value> {
        match text.pieces.as_deref() {
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
        let unknown = self.unknown_names(program);
        for name in &unknown {
            let (start, end) = find_name(written, &name.name);
            let span = locate(start, end);
            found.push(match &name.of {
                Some(of) => diagnostics::unknown_member(of, &name.name, span, &self.members[of]),
                None => diagnostics::unknown_name(
                    &name.name,
                    span,
                    closest(&name.name, self.members.keys().copied()),
                ),
            });
        }
        if !unknown.is_empty() {
            return None;
        }
        // Finding the place takes as long as the scalar is.
        let span = || locate(0, written.len());
        let left = MAX_TOTAL_COST.saturating_sub(self.spent.cost.get());
        let limit = MAX_COST.min(left);
        let (value, cost) = cost::limited(limit, || Value::resolve(program, &self.context));
        self.spent.cost.set(self.spent.cost.get() + cost);
        match value {
            Err(TooCostly) if limit == MAX_COST => {
                found.push(diagnostics::expression_too_costly(MAX_COST, span()));
                None
            }
            Err(TooCostly) => {
                let error = || diagnostics::expressions_too_costly(MAX_TOTAL_COST, span());
                self.report_total(error, found);
                None
            }
            Ok(Ok(value)) if size(&value) > MAX_VALUE => {
                found.push(diagnostics::value_too_large(MAX_VALUE, span()));
                None
            }
            Ok(Ok(value)) => Some(value),
            Ok(Err(error)) => {
                found.push(diagnostics::failed_expression(
                    written,
                    &error.to_string(),
                    span(),
                ));
                None
            }
        }
    }

    /// Reports, once, that all expressions together are too much.
    fn report_total(&self, error: impl FnOnce() -> Diagnostic, found: &mut Diagnostics) {
        if !self.spent.reported.replace(true) {
            found.push(error());
        }
    }

    /// Lists the names in an expression that nothing defines.
    fn unknown_names(&self, expression: &Expression) -> Vec<Unknown> {
        let mut unknown = Vec::new();
        let mut locals: Vec<String> = Vec::new();
        self.visit(expression, &mut locals, &mut unknown);
        unknown
    }

    fn visit(&self, expression: &Expression, locals: &mut Vec<String>, unknown: &mut Vec<Unknown>) {
        match &expression.expr {
            Expr::Ident(name)
                if !self.members.contains_key(name.as_str()) && !locals.contains(name) =>
            {
                unknown.push(Unknown {
                    of: None,
                    name: name.clone(),
                });
            }
            Expr::Select(select) => self.visit_select(select, locals, unknown),
            Expr::Call(call) => {
                let target = call.target.as_deref().into_iter();
                target
                    .chain(&call.args)
                    .for_each(|inner| self.visit(inner, locals, unknown));
            }
            Expr::List(list) => list
                .elements
                .iter()
                .for_each(|inner| self.visit(inner, locals, unknown)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.visit(&entry.key, locals, unknown);
                        self.visit(&entry.value, locals, unknown);
                    }
                }
            }
            Expr::Comprehension(all) => {
                self.visit(&all.iter_range, locals, unknown);
                self.visit(&all.accu_init, locals, unknown);
                let outer = locals.len();
                locals.extend([all.iter_var.clone(), all.accu_var.clone()]);
                locals.extend(all.iter_var2.clone());
                for inner in [&all.loop_cond, &all.loop_step, &all.result] {
                    self.visit(inner, locals, unknown);
                }
                locals.truncate(outer);
            }
            _ => {}
        }
    }

    fn visit_select(
        &self,
        select: &SelectExpr,
        locals: &mut Vec<String>,
        unknown: &mut Vec<Unknown>,
    ) {
        if let Expr::Ident(of) = &select.operand.expr
            && let Some((of, members)) = self.members.get_key_value(of.as_str())
            && !select.test
            && members.binary_search(&select.field).is_err()
        {
            unknown.push(Unknown {
                of: Some(of),
                name: select.field.clone(),
            });
            return;
        }
        self.visit(&select.operand, locals, unknown);
    }
}

/// Returns how much a value grows with: the bytes of a text, the items of a list or map.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::List(items) => items.len(),
        Value::Map(map) => map.map.len(),
        _ => 0,
    }
}

/// A name that nothing defines.
struct Unknown {
    /// The name that it is looked for in.
    of: Option<&'static str>,
    name: String,
}

fn members_of(platform: &Platform) -> HashMap<String, Value> {
    let members = [
        ("os", platform.os.clone()),
        ("arch", platform.architecture.clone()),
        ("variant", platform.variant.clone()),
        ("string", platform.to_string()),
    ];
    members
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .into()
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
