//! Expansion of variables in instructions.

use std::borrow::Cow;

use super::Compilation;
use super::dispatch::NOT_FOR_PROCESSES;
use crate::instruction::Instruction;
use crate::lexer::{Environment as _, Lexer};
use crate::lint::rule;
use crate::mistake::{Mistake, similar};
use crate::text::Text;

impl Compilation<'_> {
    /// Expands the variables in a text.
    pub(super) fn expand<'t>(
        &mut self,
        index: usize,
        instruction: &Instruction,
        text: &'t str,
    ) -> Result<Cow<'t, str>, Mistake> {
        self.expand_by(self.lexer, index, instruction, text)
    }

    pub(super) fn expand_by<'t>(
        &mut self,
        lexer: Lexer,
        index: usize,
        instruction: &Instruction,
        text: &'t str,
    ) -> Result<Cow<'t, str>, Mistake> {
        if let Some(plain) = lexer.plain(text) {
            return Ok(Cow::Borrowed(plain));
        }
        let (word, unmatched) = lexer.word_and_unmatched(text, &self.stages[index].settings);
        for name in &unmatched {
            self.check_variable(index, instruction, name);
        }
        let text = word?.text;
        // Checked before the next word, of which an instruction may have thousands.
        self.expanded = self.expanded.saturating_add(text.len());
        self.check_written(self.expanded)?;
        Ok(Cow::Owned(text))
    }

    pub(super) fn expand_all(
        &mut self,
        index: usize,
        instruction: &Instruction,
        texts: &[Text],
    ) -> Result<Vec<String>, Mistake> {
        let texts = texts
            .iter()
            .map(|text| Ok(self.expand(index, instruction, text)?.into_owned()));
        texts.collect()
    }

    /// Reports a variable that isn't set. Arguments without a value are meant to be empty.
    fn check_variable(&mut self, index: usize, instruction: &Instruction, name: &str) {
        let stage = &self.stages[index];
        if NOT_FOR_PROCESSES.contains(&name)
            || (stage.arguments.iter().flatten()).any(|argument| argument.name == name)
        {
            return;
        }
        // Nobody reads this many suggestions.
        let suggestion = if self.compared < MAX_COMPARED {
            let names = stage.settings.names();
            self.compared += names.len();
            similar(name, names)
        } else {
            None
        };
        let suggestion = suggestion.map(|name| format!(" (did you mean ${name}?)"));
        let message = format!(
            "Usage of undefined variable '${name}'{}",
            suggestion.unwrap_or_default()
        );
        self.report(instruction, &rule::UNDEFINED_VAR, message);
    }
}

/// The maximum number of names that all undefined variables of a file are compared with.
const MAX_COMPARED: usize = 500_000;
