//! Instrumentation of expressions, so that they count their cost.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, operators,
};

use super::cost::{COUNT, COUNT_PRODUCT};

/// Operators that evaluate only some of their operands, and return nothing larger than these.
const FREE: [&str; 7] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::NOT_STRICTLY_FALSE,
    operators::INDEX,
    operators::OPT_INDEX,
];

/// Functions whose work grows with the product of their receiver and an argument, with the index of that argument.
const PRODUCTS: [(&str, usize); 4] = [
    ("replace", 1),
    ("join", 0),
    ("indexOf", 0),
    ("lastIndexOf", 0),
];

/// The name of that argument.
const BY: &str = "@by";

/// Inserts the counting functions into an expression: around the results of calls and literals, around the values of names,
/// and around what comprehensions traverse and create.
pub(super) fn metered(expression: IdedExpr) -> IdedExpr {
    let IdedExpr { id, expr } = expression;
    let (expr, counts) = match expr {
        Expr::Call(call) => {
            let counts = !FREE.contains(&call.func_name.as_str());
            (call_of(call, counts), counts)
        }
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(metered).collect();
            (Expr::List(list), true)
        }
        Expr::Map(mut map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    entry.key = metered(std::mem::take(&mut entry.key));
                    entry.value = metered(std::mem::take(&mut entry.value));
                }
            }
            (Expr::Map(map), true)
        }
        Expr::Select(mut select) => {
            // Qualified names must stay unchanged.
            if !is_name(&select.operand.expr) {
                *select.operand = metered(std::mem::take(&mut select.operand));
            }
            (Expr::Select(select), false)
        }
        Expr::Comprehension(all) => (Expr::Comprehension(Box::new(comprehension(*all))), false),
        other => (other, false),
    };
    let expression = IdedExpr { id, expr };
    if counts {
        called(COUNT, vec![expression])
    } else {
        expression
    }
}

/// Returns the nesting depth of an expression; that of a name or literal is 1.
pub(super) fn depth(expression: &IdedExpr) -> usize {
    let deepest = |inner: &mut dyn Iterator<Item = &IdedExpr>| inner.map(depth).max();
    let inner = match &expression.expr {
        Expr::Call(call) => deepest(&mut call.target.as_deref().into_iter().chain(&call.args)),
        Expr::List(list) => deepest(&mut list.elements.iter()),
        Expr::Map(map) => {
            let entries = map.entries.iter().filter_map(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => Some([&entry.key, &entry.value]),
                EntryExpr::StructField(_) => None,
            });
            deepest(&mut entries.flatten())
        }
        Expr::Select(select) => Some(depth(&select.operand)),
        Expr::Comprehension(all) => {
            let parts = [&all.iter_range, &all.accu_init, &all.loop_step, &all.result];
            deepest(&mut parts.into_iter())
        }
        _ => None,
    };
    1 + inner.unwrap_or_default()
}

fn call_of(mut call: CallExpr, counts: bool) -> Expr {
    let is_sum = call.func_name == operators::ADD;
    let operand = |operand: IdedExpr| match operand.expr {
        // For a sum of sums, only the whole is counted: evaluation would need twice the stack otherwise.
        Expr::Call(inner) if is_sum && inner.func_name == operators::ADD => IdedExpr {
            id: operand.id,
            expr: call_of(inner, true),
        },
        _ if counts => counted(operand),
        _ => metered(operand),
    };
    call.args = call.args.into_iter().map(operand).collect();
    let Some(target) = call.target.take() else {
        return Expr::Call(call);
    };
    let mut target = metered(*target);
    let product = PRODUCTS.iter().find(|(name, _)| *name == call.func_name);
    let by = product.and_then(|(_, argument)| call.args.get_mut(*argument));
    let Some(by) = by else {
        call.target = Some(Box::new(target));
        return Expr::Call(call);
    };
    // It is used twice, so it is bound to a name, by a comprehension over nothing.
    let value = std::mem::replace(by, ided(Expr::Ident(BY.to_owned())));
    target = called(COUNT_PRODUCT, vec![target, by.clone()]);
    call.target = Some(Box::new(target));
    Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: ided(Expr::List(ListExpr::default())),
        iter_var: "@nothing".to_owned(),
        iter_var2: None,
        accu_var: BY.to_owned(),
        accu_init: value,
        loop_cond: ided(Expr::Literal(LiteralValue::Boolean(false.into()))),
        loop_step: ided(Expr::Ident(BY.to_owned())),
        result: ided(Expr::Call(call)),
    }))
}

fn comprehension(mut all: ComprehensionExpr) -> ComprehensionExpr {
    all.iter_range = counted(all.iter_range);
    all.accu_init = metered(all.accu_init);
    all.loop_step = step(all.loop_step, &all.accu_var);
    all.result = metered(all.result);
    all
}

/// Counts what a macro's step adds to its result so far. The form of the step is kept: CEL recognizes those of `map` and
/// `filter` by it, and would take quadratic time otherwise.
fn step(expression: IdedExpr, so_far: &str) -> IdedExpr {
    let IdedExpr { id, expr } = expression;
    let is_so_far = |expr: &Expr| matches!(expr, Expr::Ident(name) if name == so_far);
    let expr = match expr {
        Expr::Call(mut call) if call.target.is_none() => {
            let part = |part: IdedExpr| match &part.expr {
                Expr::Literal(_) => part,
                Expr::List(_) => step(part, so_far),
                Expr::Call(inner)
                    if inner
                        .args
                        .first()
                        .is_some_and(|first| is_so_far(&first.expr)) =>
                {
                    step(part, so_far)
                }
                expr if is_so_far(expr) => part,
                _ => counted(part),
            };
            call.args = call.args.into_iter().map(part).collect();
            Expr::Call(call)
        }
        Expr::List(mut list) => {
            let elements = list.elements.into_iter();
            list.elements = elements.map(counted).collect();
            Expr::List(list)
        }
        other => other,
    };
    IdedExpr { id, expr }
}

fn is_name(expression: &Expr) -> bool {
    match expression {
        Expr::Ident(_) => true,
        Expr::Select(select) => !select.test && is_name(&select.operand.expr),
        _ => false,
    }
}

/// Inserts the counting functions into an expression and around it, once.
fn counted(expression: IdedExpr) -> IdedExpr {
    let expression = metered(expression);
    match &expression.expr {
        Expr::Call(call) if call.func_name == COUNT => expression,
        Expr::Literal(_) => expression,
        _ => called(COUNT, vec![expression]),
    }
}

fn called(name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    ided(Expr::Call(CallExpr {
        func_name: name.to_owned(),
        target: None,
        args,
    }))
}

fn ided(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}
