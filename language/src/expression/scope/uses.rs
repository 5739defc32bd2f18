//! The names that an expression uses: whether they exist, and whether their values are known.

use cel::common::ast::{EntryExpr, Expr, SelectExpr};
use cel::parser::Expression;

use super::super::base::Base;
use super::Scope;

impl Scope<'_> {
    /// Checks the names in an expression, and sets the existing ones in CEL.
    pub(super) fn used_names(&self, expression: &Expression) -> Used {
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

    /// Records the use of a name or of a member.
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

/// The names that an expression uses.
#[derive(Default)]
pub(super) struct Used {
    /// Undefined names.
    pub(super) unknown: Vec<Unknown>,
    /// Whether a value is unknown.
    pub(super) is_open: bool,
    /// Whether `base` is used.
    pub(super) base: bool,
}

/// An undefined name.
pub(super) struct Unknown {
    /// The name of which it would be a member.
    pub(super) of: Option<&'static str>,
    pub(super) name: String,
}
