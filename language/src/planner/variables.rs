//! `$NAME` and `~` in places where no shell expands them, and what to write instead.

use std::collections::HashSet;

use stagefile_text::shell::name_of;

use super::Planner;
use crate::diagnostics;
use crate::expression::Text;
use crate::syntax::{Name, Style};

/// The names of platform variables in a Dockerfile, with the equivalent expressions.
pub const DOCKERFILE_PLATFORMS: [(&str, &str); 8] = [
    ("TARGETPLATFORM", "platform.target.string"),
    ("TARGETOS", "platform.target.os"),
    ("TARGETARCH", "platform.target.arch"),
    ("TARGETVARIANT", "platform.target.variant"),
    ("BUILDPLATFORM", "platform.build.string"),
    ("BUILDOS", "platform.build.os"),
    ("BUILDARCH", "platform.build.arch"),
    ("BUILDVARIANT", "platform.build.variant"),
];

impl Planner<'_> {
    /// Evaluates an environment variable. One that extends itself, as in a shell, is refused; there are warnings about others
    /// that shells would expand.
    pub(super) fn variable(
        &mut self,
        name: &Name,
        text: &Text,
        all: &HashSet<&str>,
    ) -> Option<String> {
        let span = text.span();
        for (written, read) in text.literals().flat_map(variables) {
            if read == name.value {
                let expression = extended(read);
                let value = text
                    .constant()
                    .filter(|_| text.scalar().style != Style::Block);
                let value = value.map(|value| {
                    let value = value.replace(&format!("${{{read}}}"), &expression);
                    format!("\"{}\"", value.replace(&format!("${read}"), &expression))
                });
                // Other values would need escaping, which is left to the user.
                let value = value.filter(|value| !value.contains(['\\', '\n']));
                let error = diagnostics::unextended_variable(read, &expression, value, span);
                self.found.push(error);
                return None;
            }
            let is_meant = matches!(read, "PATH" | "HOME") || self.expression_of(read).is_some();
            if all.contains(read) && self.expression_of(read).is_none() {
                self.found
                    .push(diagnostics::variable_of_another(written, span));
            } else if is_meant {
                let expression = self.expression_of(read).unwrap_or_else(|| of_base(read));
                let warning = diagnostics::unexpanded_variable(written, &expression, span);
                self.found.push(warning);
            }
        }
        self.check_comment(text);
        let value = self.text(text)?;
        if value.value.contains('\0') {
            self.found
                .push(diagnostics::zero_byte("a variable", value.span));
            return None;
        }
        Some(value.value)
    }

    /// Warns of what a shell would expand in a path. Lower-case names are ignored, since they occur in file names.
    pub(super) fn check_shell_path(&mut self, text: &Text) {
        for (written, read) in text.literals().flat_map(variables) {
            if written.starts_with("${") || !read.contains(|letter: char| letter.is_lowercase()) {
                let expression = self.expression_of(read).unwrap_or_else(|| of_base(read));
                let warning = diagnostics::unexpanded_variable(written, &expression, text.span());
                self.found.push(warning);
            }
        }
        let first = text.literals().next().unwrap_or_default();
        if let Some(rest) = first.strip_prefix('~')
            && (rest.is_empty() || rest.starts_with('/'))
        {
            self.found
                .push(diagnostics::unexpanded_home(rest, text.span()));
        }
    }

    /// Returns the first variable in a string that is neither an argument of the file nor a platform.
    pub(super) fn undeclared<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut names = variables(text).map(|(_, name)| name);
        names.find(|name| self.expression_of(name).is_none())
    }

    /// Returns the expression for an argument or a platform that is written as a variable.
    fn expression_of(&self, name: &str) -> Option<String> {
        let args = &self.program.modules[self.frame.module].args;
        if args.get(name).is_some() {
            return Some(format!("${{{{ args.{name} }}}}"));
        }
        let platform = DOCKERFILE_PLATFORMS
            .into_iter()
            .find(|(one, _)| *one == name)?
            .1;
        Some(format!("${{{{ {platform} }}}}"))
    }
}

/// Returns the expression for a variable of the base.
fn of_base(name: &str) -> String {
    format!("${{{{ base.env.{name} }}}}")
}

/// Returns the expression for a variable that is extended, which the base may lack, except for `PATH`.
fn extended(name: &str) -> String {
    if name == "PATH" {
        return of_base(name);
    }
    format!("${{{{ base.env.?{name}.orValue('') }}}}")
}

/// Iterates over the variables that a shell would expand: as written, and their names.
fn variables(text: &str) -> impl Iterator<Item = (&str, &str)> {
    // The next `}` is the same for many.
    let mut close = Some(0);
    text.match_indices('$').filter_map(move |(at, _)| {
        let rest = &text[at + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let name = name_of(inner);
            if name.is_empty() {
                return None;
            }
            if close? <= at {
                close = text[at..].find('}').map(|length| at + length);
            }
            return Some((&text[at..=close?], name));
        }
        let name = name_of(rest);
        (!name.is_empty()).then(|| (&text[at..=at + name.len()], name))
    })
}
