//! Levels of warnings.

use super::Planner;
use crate::diagnostic::Rules;
use crate::diagnostics;
use crate::policy;
use crate::syntax::LintRule;
use crate::value::LEVEL;

impl Planner<'_> {
    /// Reads the levels of warnings in the user's own file, and those of the client, which take
    /// precedence.
    pub(super) fn rules(&mut self) -> Rules {
        let mut rules = Rules::default();
        let program = self.program;
        for LintRule { code, span, level } in &program.main().file.lint {
            if let Some(level) = self.word(code, Some(level), &LEVEL) {
                rules.set(code, level, *span);
            }
        }
        if let Some(text) = self.request.args.get(policy::ARGUMENT) {
            match policy::read(text) {
                Ok(policy) => rules.follow(policy),
                Err(message) => {
                    let start = program.sources.main().span(0, 0);
                    self.found.push(diagnostics::invalid_policy(message, start));
                }
            }
        }
        rules
    }
}
