//! Recovery from mistakes, to find the next one.

use crate::dockerfile::Dockerfile;
use crate::instruction::Stage;
use crate::lines::Lines;
use crate::text::Text;

/// The base of a stage whose base is invalid.
const NOTHING: &str = "scratch";

impl Dockerfile {
    /// Leaves out instructions that couldn't be parsed, so that the rest can be compiled and further mistakes are found.
    /// Don't build the result.
    ///
    /// ```
    /// use buildkit_dockerfile::{Dockerfile, LintConfig};
    ///
    /// let text = "FROM a b\nCOPPY . /\nRUN x\n";
    /// let file = Dockerfile::parse(text, &LintConfig::default());
    /// assert_eq!(file.mistakes().len(), 2);
    /// let rest = file.without_mistakes();
    /// assert!(rest.mistakes().is_empty());
    /// assert_eq!(rest.stages()[0].instructions.len(), 1);
    /// ```
    #[must_use]
    pub fn without_mistakes(&self) -> Self {
        let mut rest = self.clone();
        rest.mistakes.clear();
        rest.before_mistake = rest.findings().len();
        for stage in &mut rest.stages {
            if stage.base.is_empty() {
                stage.base = NOTHING.into();
            }
        }
        // A file without stages has nothing to compile.
        if rest.stages.is_empty() {
            rest.stages.push(Stage {
                base: NOTHING.into(),
                ..Stage::default()
            });
        }
        rest
    }

    /// Removes the instruction at these lines, or the base of the stage if it is a `FROM`. Returns whether this makes a
    /// difference.
    pub fn remove_lines(&mut self, lines: Lines) -> bool {
        let count = self.global_args.len();
        self.global_args.retain(|argument| argument.lines != lines);
        if self.global_args.len() < count {
            return true;
        }
        for stage in &mut self.stages {
            if stage.lines == lines {
                let is_new = stage.base != NOTHING || !stage.platform.is_empty();
                stage.base = NOTHING.into();
                stage.platform = Text::default();
                return is_new;
            }
            let count = stage.instructions.len();
            let instructions = &mut stage.instructions;
            instructions.retain(|instruction| instruction.lines != lines);
            if stage.instructions.len() < count {
                return true;
            }
        }
        false
    }
}
