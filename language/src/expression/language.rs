//! CEL as used in this language: the standard library, the string functions, and `sh`.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use cel::common::types::{CelString, STRING_TYPE};
use cel::common::value::{CowVal, Val};
use cel::parser::{Expression, PrattParser};
use cel::{Env, ExecutionError, extensions};

use super::cost;
use super::metering::{self, metered};
use crate::budget::Budget;

/// The maximum length of an expression in bytes.
pub const MAX_LENGTH: usize = 4096;
/// The maximum nesting depth of an expression, counting parentheses and functions, and chained operators.
pub const MAX_DEPTH: u16 = 48;

/// Compiles expressions, each distinct one once, and has the budget of their program.
pub struct Language {
    env: Arc<Env>,
    compiled: RefCell<HashMap<String, Result<Rc<Expression>, CompileError>>>,
    budget: Rc<Budget>,
}

/// The reason why an expression can't be compiled.
#[derive(Clone, Debug)]
pub(super) struct CompileError {
    /// CEL's message about what is wrong.
    pub message: String,
    /// The byte offset in the expression at which it was detected.
    pub offset: usize,
}

impl Default for Language {
    fn default() -> Self {
        let mut env = Env::stdlib();
        // These registrations can only conflict with one another, which tests would detect.
        let registered = env
            .add_extension(extensions::strings)
            .and_then(|()| env.add_overload("sh", "sh(string)", vec![STRING_TYPE], sh))
            .and_then(|()| cost::declare(&mut env));
        debug_assert!(registered.is_ok(), "CEL functions clash: {registered:?}");
        Self {
            env: Arc::new(env),
            compiled: RefCell::default(),
            budget: Rc::default(),
        }
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let compiled = self.compiled.borrow().len();
        let mut debug = formatter.debug_struct("Language");
        debug.field("compiled", &compiled).finish_non_exhaustive()
    }
}

impl Language {
    pub(super) fn env(&self) -> Arc<Env> {
        Arc::clone(&self.env)
    }

    /// Returns the program's budget.
    pub fn budget(&self) -> &Rc<Budget> {
        &self.budget
    }

    /// Continues with the compiled expressions for a program with a full budget.
    pub(crate) fn begin(&mut self) {
        self.budget = Rc::default();
    }

    pub(super) fn compile(&self, expression: &str) -> Result<Rc<Expression>, CompileError> {
        if let Some(known) = self.compiled.borrow().get(expression) {
            return known.clone();
        }
        let compiled = Self::compile_new(expression);
        self.compiled
            .borrow_mut()
            .insert(expression.to_owned(), compiled.clone());
        compiled
    }

    /// Reports whether an expression compiled so far may use a name.
    pub fn mentions(&self, name: &str) -> bool {
        let compiled = self.compiled.borrow();
        compiled.keys().any(|expression| expression.contains(name))
    }

    /// Returns the members of a name that expressions compiled so far may use: `args.NAME`, `args["NAME"]`; `None` if one
    /// uses the name in another way, which may refer to any member.
    pub fn members(&self, name: &str) -> Option<HashSet<String>> {
        let mut members = HashSet::new();
        for expression in self.compiled.borrow().keys() {
            collect_members(expression, name, &mut members)?;
        }
        Some(members)
    }

    fn compile_new(expression: &str) -> Result<Rc<Expression>, CompileError> {
        if expression.len() > MAX_LENGTH {
            let message = format!("it is longer than {MAX_LENGTH} bytes");
            return Err(CompileError { message, offset: 0 });
        }
        let parsed = PrattParser::new()
            .max_recursion_depth(MAX_DEPTH)
            .enable_optional_syntax(true)
            .parse(expression)
            .map_err(|errors| {
                let first = errors.errors.into_iter().next();
                let (message, (line, column)) = first.map_or_else(
                    || ("it is not CEL".to_owned(), (1, 1)),
                    |error| (error.msg, error.pos),
                );
                CompileError {
                    message,
                    offset: offset(expression, line, column),
                }
            })?;
        // Chains of operators and of functions count, which the parser reads without nesting.
        if metering::depth(&parsed) > usize::from(MAX_DEPTH) {
            let message = format!("it is nested more than {MAX_DEPTH} levels deep");
            return Err(CompileError { message, offset: 0 });
        }
        Ok(Rc::new(metered(parsed)))
    }
}

/// Collects the members of a name that an expression may use; `None` if it may use any. Strings aren't distinguished from
/// code, which only adds uses.
fn collect_members(expression: &str, name: &str, members: &mut HashSet<String>) -> Option<()> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    for (at, _) in expression.match_indices(name) {
        let rest = &expression[at + name.len()..];
        let before = &expression[..at];
        if before.ends_with(|letter| is_word(letter) || letter == '.') || rest.starts_with(is_word)
        {
            continue;
        }
        let rest = rest.trim_start();
        let member = if let Some(selected) = rest.strip_prefix('.') {
            // `args.?NAME` may be missing.
            let selected = selected.trim_start();
            let selected = selected.strip_prefix('?').unwrap_or(selected).trim_start();
            let end = selected.find(|letter| !is_word(letter));
            let (member, rest) = selected.split_at(end.unwrap_or(selected.len()));
            // `args.exists(…)` uses all of them.
            (!rest.trim_start().starts_with('(')).then_some(member)
        } else {
            let key = rest.strip_prefix('[')?.trim_start();
            let key = key.strip_prefix('?').unwrap_or(key).trim_start();
            let quote = key
                .chars()
                .next()
                .filter(|first| matches!(first, '"' | '\''))?;
            key[1..].split_once(quote).map(|(member, _)| member)
        };
        members.insert(member?.to_owned());
    }
    Some(())
}

/// Returns the byte offset of a line (from 1) and column (from 1, in characters).
fn offset(text: &str, line: isize, column: isize) -> usize {
    let line = usize::try_from(line).unwrap_or_default().saturating_sub(1);
    let column = usize::try_from(column)
        .unwrap_or_default()
        .saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start
        + rest
            .char_indices()
            .nth(column)
            .map_or(rest.len(), |(at, _)| at)
}

/// `sh(x)`: the text as a single word of a POSIX shell.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature is the library's"
)]
fn sh<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = arguments
        .first()
        .and_then(|value| value.downcast_ref::<CelString<'_>>());
    let text = text.ok_or_else(ExecutionError::missing_argument_or_target)?;
    let quoted: Box<dyn Val> = Box::new(CelString::from(quote(text.inner())));
    Ok(CowVal::Owned(quoted))
}

/// Quotes a string for a POSIX shell; words that need no quotes are unchanged.
fn quote(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{collect_members, quote};

    #[test]
    fn members_are_found_where_they_may_be_used() {
        for (expression, expected) in [
            ("args.A", Some("A")),
            ("x + args . A", Some("A")),
            ("args['A']", Some("A")),
            ("args.?A", Some("A")),
            ("args[?'A']", Some("A")),
            ("args[ \"A\" ]", Some("A")),
            ("args.AB + args.AB", Some("AB")),
            ("args[x]", None),
            ("args.exists(a, a == 'B')", None),
            ("args == {}", None),
            ("args", None),
            ("args['A", None),
            ("myargs.A", Some("")),
            ("inputs.args.A", Some("")),
            ("argsx", Some("")),
            ("A", Some("")),
        ] {
            let mut members = HashSet::new();
            let found = collect_members(expression, "args", &mut members);
            let members = found.map(|()| members.into_iter().collect::<String>());
            assert_eq!(members.as_deref(), expected, "{expression}");
        }
    }

    #[test]
    fn quoting_keeps_one_word_one_word() {
        for (text, expected) in [
            ("a/b-c.d", "a/b-c.d"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(x)", "'$(x)'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(quote(text), expected);
        }
    }
}
