//! `ENV`, `LABEL` and `ARG`.

use std::borrow::Cow;

use super::Compilation;
use super::arguments::ArgumentInfo;
use super::dispatch::NOT_FOR_PROCESSES;
use crate::go;
use crate::instruction::{Argument, Instruction, Pair};
use crate::lexer::Environment;
use crate::lint::rule;
use crate::mistake::Mistake;

/// A name and a value, with variables expanded.
type Expanded<'p> = (Cow<'p, str>, Cow<'p, str>);

impl Compilation<'_> {
    pub(super) fn env(
        &mut self,
        index: usize,
        instruction: &Instruction,
        pairs: &[Pair],
    ) -> Result<(), Mistake> {
        let mut message = self.message("ENV");
        for (name, value) in self.pairs(index, instruction, pairs)? {
            self.check_secret(instruction, "ENV", &name);
            push_pair(&mut message, &name, Some(&value));
            let stage = &mut self.stages[index];
            stage.settings.set_env(&name, &value);
            stage.set_variable(&name, &value);
        }
        self.commit(index, message, false);
        Ok(())
    }

    pub(super) fn label(
        &mut self,
        index: usize,
        instruction: &Instruction,
        pairs: &[Pair],
    ) -> Result<(), Mistake> {
        let mut message = self.message("LABEL");
        for (name, value) in self.pairs(index, instruction, pairs)? {
            push_pair(&mut message, &name, Some(&value));
            self.stages[index]
                .config_mut()
                .labels
                .insert(name.into_owned(), value.into_owned());
        }
        self.commit(index, message, false);
        Ok(())
    }

    /// Expands the variables in names and values, before any of the pairs takes effect.
    fn pairs<'p>(
        &mut self,
        index: usize,
        instruction: &Instruction,
        pairs: &'p [Pair],
    ) -> Result<Vec<Expanded<'p>>, Mistake> {
        let mut expanded = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let name = self.expand(index, instruction, &pair.name)?;
            let value = self.expand(index, instruction, &pair.value)?;
            expanded.push((name, value));
        }
        for pair in pairs {
            if pair.legacy {
                let keyword = &instruction.keyword;
                let message = format!(
                    "\"{keyword} key=value\" should be used instead of legacy \"{keyword} key value\" format"
                );
                self.report(instruction, &rule::LEGACY_KEY_VALUE_FORMAT, message);
            }
        }
        Ok(expanded)
    }

    pub(super) fn arg(
        &mut self,
        index: usize,
        instruction: &Instruction,
        arguments: &[Argument],
    ) -> Result<(), Mistake> {
        let mut message = self.message("ARG");
        for argument in arguments {
            let Argument {
                name, description, ..
            } = argument;
            self.check_secret(instruction, "ARG", name);
            let mut is_global = false;
            let value = match (self.build_args.get(name), &argument.value) {
                (Some(given), _) => Some(given.clone()),
                (None, Some(default)) => {
                    Some(self.expand(index, instruction, default)?.into_owned())
                }
                (None, None) => {
                    let value = self.globals.get(name).map(str::to_owned);
                    is_global = value.is_some();
                    value
                }
            };
            push_pair(&mut message, name, value.as_deref());
            let stage = &mut self.stages[index];
            if let Some(value) = &value
                && !NOT_FOR_PROCESSES.contains(&name.as_str())
            {
                stage.environment += name.len() + value.len();
                if let Some(before) = stage.settings.get(name) {
                    let before = name.len() + before.len();
                    stage.environment = stage.environment.saturating_sub(before);
                }
                stage.settings.set_env(name, value);
            }
            if !is_global {
                let info = ArgumentInfo {
                    value: value.clone().unwrap_or_default(),
                    description: description.clone(),
                    lines: instruction.lines,
                    ..ArgumentInfo::default()
                };
                stage.outlined.args.insert(name.clone(), info);
            }
            stage.outlined.used_args.insert(name.clone());
            let arguments = stage.arguments.get_or_insert_default();
            arguments.push_back_mut(Argument {
                value,
                ..argument.clone()
            });
        }
        self.commit(index, message, false);
        Ok(())
    }

    fn check_secret(&mut self, instruction: &Instruction, keyword: &str, name: &str) {
        if is_secret(name) {
            let message = format!(
                "Do not use ARG or ENV instructions for sensitive data ({keyword} {})",
                go::quote(name)
            );
            self.report(instruction, &rule::SECRETS_USED_IN_ARG_OR_ENV, message);
        }
    }
}

/// Appends ` NAME=value`, or only the name.
fn push_pair(message: &mut String, name: &str, value: Option<&str>) {
    message.push(' ');
    message.push_str(name);
    if let Some(value) = value {
        message.push('=');
        message.push_str(value);
    }
}

/// Reports whether a name looks like that of a secret: it contains a word for secrets, and no word
/// that rules it out.
fn is_secret(name: &str) -> bool {
    const SECRET: [&str; 10] = [
        "apikey",
        "auth",
        "credential",
        "credentials",
        "key",
        "password",
        "pword",
        "passwd",
        "secret",
        "token",
    ];
    const OTHERWISE: [&str; 3] = ["public", "file", "version"];
    let has = |words: &[&str]| {
        let mut parts = name.split('_');
        parts.any(|part| words.iter().any(|word| word.eq_ignore_ascii_case(part)))
    };
    has(&SECRET) && !has(&OTHERWISE)
}
