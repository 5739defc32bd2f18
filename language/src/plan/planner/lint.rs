//! What becomes of warnings.

use super::Planner;
use crate::diagnostic::{Level, Rules};
use crate::syntax::LintRule;

const LEVELS: [(&str, Level); 3] = [
    ("off", Level::Off),
    ("warning", Level::Warning),
    ("error", Level::Error),
];

impl Planner<'_> {
    /// Reads what the user's own file says of warnings.
    pub(super) fn rules(&mut self) -> Rules {
        let mut rules = Rules::default();
        let program = self.program;
        for LintRule { code, span, level } in &program.modules[0].file.lint {
            if let Some(level) = self.word(code, Some(level), &LEVELS) {
                rules.set(code, level, *span);
            }
        }
        rules
    }
}
