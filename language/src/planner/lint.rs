//! What becomes of warnings.

use super::Planner;
use crate::diagnostic::Rules;
use crate::syntax::LintRule;
use crate::value::LEVEL;

impl Planner<'_> {
    /// Reads what the user's own file says of warnings.
    pub(super) fn rules(&mut self) -> Rules {
        let mut rules = Rules::default();
        let program = self.program;
        for LintRule { code, span, level } in &program.main().file.lint {
            if let Some(level) = self.word(code, Some(level), &LEVEL) {
                rules.set(code, level, *span);
            }
        }
        rules
    }
}
