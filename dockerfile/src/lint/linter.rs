//! Collection of findings.

use std::collections::BTreeSet;

use super::config::LintConfig;
use super::rules::Rule;
use crate::lines::Lines;

/// A finding of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// Docker's message.
    pub message: String,
    /// The lines of the finding.
    pub lines: Option<Lines>,
}

/// Collects findings of the enabled rules.
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

    /// Records a finding, unless the rule is disabled: for the file, or by the comments before the instruction.
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

    /// Removes and returns the findings so far.
    pub(crate) fn take(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Adds findings from elsewhere, of enabled rules.
    pub(crate) fn extend(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
    }

    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Returns the error for the findings, if the file or the user makes them errors.
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
