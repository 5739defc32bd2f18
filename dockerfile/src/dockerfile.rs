//! A parsed file.

use crate::case::{Case, case};
use crate::instruction::{Contents, Instruction, Stage};
use crate::lines::Lines;
use crate::lint::{Finding, LintConfig, Linter, rule};
use crate::mistake::Mistake;
use crate::parser;

/// A parsed Dockerfile, independent of the options that it is built with.
///
/// ```
/// use buildkit_dockerfile::{Dockerfile, LintConfig};
///
/// let file = Dockerfile::parse("FROM alpine AS base\nRUN echo hi\nCOPPY . /\n", &LintConfig::default());
/// assert_eq!(file.stages()[0].name, "base");
/// let mistake = &file.mistakes()[0];
/// assert!(mistake.message.contains("unknown instruction: COPPY (did you mean COPY?)"));
/// assert_eq!(mistake.places[0].first, 3);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Dockerfile {
    pub(crate) global_args: Vec<Instruction>,
    pub(crate) stages: Vec<Stage>,
    pub(crate) escape: char,
    pub(crate) linter: Linter,
    pub(crate) mistakes: Vec<Mistake>,
    /// The number of findings before the first mistake.
    pub(crate) before_mistake: usize,
}

impl Dockerfile {
    /// Parses a file. This always succeeds: mistakes are in [`Dockerfile::mistakes`], and parsing continues after them.
    pub fn parse(text: &str, config: &LintConfig) -> Self {
        let mut linter = Linter::new(config.clone());
        if text.is_empty() {
            return Self {
                escape: '\\',
                linter,
                mistakes: vec![Mistake::new("the Dockerfile cannot be empty")],
                ..Self::default()
            };
        }
        let mut contents = Contents::default();
        let parsed = parser::parse(text, &mut |node| contents.read(node, &mut linter));
        // The parser's findings come first.
        let found = linter.take();
        for line in &parsed.empty_continuations {
            let message = "Empty continuation line".to_owned();
            linter.report(&rule::NO_EMPTY_CONTINUATION, Some(*line), &[], message);
        }
        let before = linter.findings().len();
        linter.extend(found);
        // If the parser fails, Docker's frontend doesn't process instructions at all.
        let mut mistakes = parsed.mistakes;
        let before_mistake = if mistakes.is_empty() {
            let own = contents.before_mistake;
            own.map_or(linter.findings().len(), |own| before + own)
        } else {
            0
        };
        mistakes.extend(contents.mistakes);
        if mistakes.is_empty() && contents.stages.is_empty() {
            mistakes.push(Mistake::new("dockerfile contains no stages to build"));
        }
        Self {
            global_args: contents.global_args,
            stages: contents.stages,
            escape: parsed.escape,
            linter,
            mistakes,
            before_mistake,
        }
    }

    /// Returns the build arguments before the first stage.
    pub fn global_args(&self) -> &[Instruction] {
        &self.global_args
    }

    /// Returns the stages.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Returns the mistakes. The first one is the one that Docker's frontend reports.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// Returns the findings of rules that need nothing except the file.
    pub fn findings(&self) -> &[Finding] {
        self.linter.findings()
    }

    /// Returns the escape character: a backslash, or the one set by the directive `escape`.
    pub fn escape(&self) -> char {
        self.escape
    }

    /// Iterates over the keywords of stages and their instructions.
    pub(crate) fn keywords(&self) -> impl Iterator<Item = (&str, Lines)> {
        self.stages.iter().flat_map(|stage| {
            let own = std::iter::once((&*stage.keyword, stage.lines));
            let instructions = stage.instructions.iter();
            own.chain(instructions.map(|it| (&*it.keyword, it.lines)))
        })
    }

    /// Reports whether most keywords are in lower case.
    pub(crate) fn is_mostly_lower(&self) -> bool {
        let (mut lower, mut upper) = (0, 0);
        for (keyword, _) in self.keywords() {
            match case(keyword) {
                Some(Case::Lower) => lower += 1,
                Some(Case::Upper) => upper += 1,
                None => {}
            }
        }
        lower > upper
    }

    /// Returns the findings of Docker's frontend before it stops at the first mistake.
    pub(crate) fn findings_before_mistake(&self) -> &[Finding] {
        &self.findings()[..self.before_mistake]
    }
}
