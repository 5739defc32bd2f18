//! Collects what rules find.

use std::collections::BTreeSet;

use super::config::LintConfig;
use super::rules::Rule;
use crate::lines::Lines;

/// Something that a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What it found, in Docker's words.
    pub message: String,
    /// Where.
    pub lines: Option<Lines>,
}

/// Collects findings of the rules that count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Linter {
    config: LintConfig,
    findings: Vec<Finding>,
}

impl Linter {
    pub(crate) fn new(config: LintConfig) -> Self {
        Self {
            config,
            findings: Vec::new(),
        }
    }

    /// Notes what a rule found, unless the rule doesn't count: for the file, or by the comments before the instruction.
    pub(crate) fn report(
        &mut self,
        rule: &'static Rule,
        lines: Option<Lines>,
        comments: &[String],
        message: String,
    ) {
        let counts = match self.config.with_comments(comments) {
            Some(config) => config.has(rule),
            None => self.config.has(rule),
        };
        if counts {
            self.findings.push(Finding {
                rule,
                message,
                lines,
            });
        }
    }

    /// Takes out what was found so far.
    pub(crate) fn take(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Adds what was found elsewhere, of rules that count.
    pub(crate) fn extend(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
    }

    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the error that findings are where the file or the user wants that.
    pub(crate) fn error(&self) -> Option<String> {
        if !self.config.returns_error() || self.findings.is_empty() {
            return None;
        }
        let rules: BTreeSet<&str> = self.findings.iter().map(|found| found.rule.name).collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        Some(format!(
            "lint violation found for rules: {}",
            rules.join(", ")
        ))
    }
}
