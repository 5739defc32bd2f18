//! Evaluation of expressions to values, which are parsed by a rule.

use std::time::Duration;

use super::Planner;
use crate::diagnostics;
use crate::expression::Text;
use crate::plan::Owner;
use crate::source::Spanned;
use crate::value::{Account, DURATION, OWNER, PORT, Rule, Words, flag};

impl Planner<'_> {
    /// Evaluates a boolean, which is false by default.
    pub(super) fn flag(&mut self, key: &str, text: Option<&Text>) -> bool {
        let text = self.optional(text);
        text.and_then(|text| flag(key, &text, self.found))
            .unwrap_or(false)
    }

    /// Evaluates a value by its rule.
    pub(super) fn value<T>(&mut self, key: &str, text: Option<&Text>, rule: &Rule<T>) -> Option<T> {
        let text = self.optional(text)?;
        let value = (rule.read)(&text.value);
        if value.is_none() {
            self.refuse(key, &text, rule.form.wanted);
        }
        value
    }

    /// Evaluates a value by its rule, with its location.
    pub(super) fn spanned<T>(
        &mut self,
        key: &str,
        text: Option<&Text>,
        rule: &Rule<T>,
    ) -> Option<Spanned<T>> {
        let span = text?.span();
        let value = self.value(key, text, rule)?;
        Some(Spanned::new(value, span))
    }

    /// Reports a value that isn't of the wanted form.
    pub(super) fn refuse(&mut self, key: &str, value: &Spanned<String>, wanted: &str) {
        let error = diagnostics::invalid_value(key, &value.value, value.span, wanted);
        self.found.push(error);
    }

    /// Evaluates one of several words.
    pub(super) fn word<T: Copy + PartialEq>(
        &mut self,
        key: &str,
        text: Option<&Text>,
        words: &Words<T>,
    ) -> Option<T> {
        let text = self.optional(text)?;
        let known = words.get(&text.value);
        if known.is_none() {
            let error = diagnostics::not_one_of(key, &text.value, text.span, words.names);
            self.found.push(error);
        }
        known
    }

    /// Evaluates `user` or `user:group`, as names or numbers.
    pub(super) fn owner(&mut self, text: Option<&Text>) -> Option<Owner> {
        let account = self.spanned("owner", text, &OWNER)?;
        let Account { user, group } = account.value;
        let span = account.span;
        Some(Owner { user, group, span })
    }

    /// Evaluates the user of scripts or of a container, in BuildKit's format.
    pub(super) fn user(&mut self, text: Option<&Text>) -> Option<String> {
        let account = self.value("user", text, &OWNER)?;
        Some(account.to_string())
    }

    /// Evaluates a duration, which is zero by default.
    pub(super) fn duration(&mut self, key: &str, text: Option<&Text>) -> Duration {
        self.value(key, text, &DURATION).unwrap_or_default()
    }

    /// Evaluates a port or a range of ports, with an optional protocol.
    pub(super) fn port(&mut self, text: &Text) -> Option<Vec<String>> {
        let ports = self.value("expose", Some(text), &PORT)?;
        self.take(|| ports.size(), text.span())
            .then(|| ports.written().collect())
    }

    /// Evaluates a path in an image.
    pub(super) fn path(&mut self, text: &Text) -> Option<String> {
        let path = self.text(text)?;
        self.check_shell_path(text);
        let reason = match path.value.as_str() {
            "" => "it is empty",
            text if text.contains('\0') => "it holds a zero byte",
            _ => return Some(path.value),
        };
        self.found
            .push(diagnostics::invalid_path(&path.value, path.span, reason));
        None
    }

    /// Evaluates an optional path in an image.
    pub(super) fn optional_path(&mut self, text: Option<&Text>) -> Option<String> {
        text.and_then(|text| self.path(text))
    }

    /// Evaluates a path in a context, a stage or an image, relative to its root. A trailing `/` is kept.
    pub(super) fn source_path(&mut self, text: &Text) -> Option<Spanned<String>> {
        let path = self.path(text)?;
        let span = text.span();
        let Some(inside) = inside(&path) else {
            self.found.push(diagnostics::path_outside(&path, span));
            return None;
        };
        Some(Spanned::new(inside, span))
    }
}

/// Makes a path absolute and clean; `None` if it leads outside of its root.
pub(super) fn inside(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let content = path.ends_with('/') || path.ends_with("/.");
    let tail = if content && !parts.is_empty() {
        "/"
    } else {
        ""
    };
    Some(format!("/{}{tail}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_paths_stay_inside() {
        for (path, expected) in [
            ("go.mod", Some("/go.mod")),
            (".", Some("/")),
            ("./", Some("/")),
            ("/a//b/./c", Some("/a/b/c")),
            ("dist/", Some("/dist/")),
            ("dist/.", Some("/dist/")),
            ("a/../b", Some("/b")),
            ("..", None),
            ("a/../../b", None),
        ] {
            assert_eq!(inside(path).as_deref(), expected, "{path}");
        }
    }
}
