//! Lint rules about a file as a whole: names of stages, the case of keywords, and bases without build arguments. Rules about an
//! instruction are checked where it is parsed or compiled.

use std::borrow::Cow;
use std::collections::HashSet;

use buildkit_llb::Reference;

use super::Compilation;
use super::arguments::Variables;
use super::limits::check_size;
use crate::case;
use crate::go;
use crate::lint::rule;

impl Compilation<'_> {
    /// Checks that names of stages are neither reserved nor used twice.
    pub(super) fn check_names(&mut self) {
        let mut seen = HashSet::new();
        for stage in &self.file.stages {
            let name = &stage.name;
            if name.is_empty() {
                continue;
            }
            let lines = Some(stage.lines);
            if matches!(name.as_str(), "context" | "scratch") {
                let quoted = go::quote(name);
                let message =
                    format!("Stage name should not use the same name as reserved stage {quoted}");
                self.linter
                    .report(&rule::RESERVED_STAGE_NAME, lines, &[], message);
            }
            if !seen.insert(name.as_str()) {
                let quoted = go::quote(name);
                let message =
                    format!("Duplicate stage name {quoted}, stage names should be unique");
                self.linter
                    .report(&rule::DUPLICATE_STAGE_NAME, lines, &[], message);
            }
        }
    }

    /// Checks that keywords have the case of the majority.
    pub(super) fn check_casing(&mut self) {
        let is_lower = self.file.is_mostly_lower();
        for (keyword, lines) in self.file.keywords() {
            let (is_expected, name) = if is_lower {
                (case::is_lower(keyword), "lowercase")
            } else {
                (case::is_upper(keyword), "uppercase")
            };
            if !is_expected {
                let message = format!(
                    "Command '{keyword}' should match the case of the command majority ({name})"
                );
                let rule = &rule::CONSISTENT_INSTRUCTION_CASING;
                self.linter.report(rule, Some(lines), &[], message);
            }
        }
    }

    /// Checks that bases are valid images even if no build arguments are given.
    pub(super) fn check_default_bases(&mut self, defaults: &Variables) {
        let (mut last, mut is_wrong) = (None, false);
        let mut written = 0;
        for stage in &self.file.stages {
            // Many stages start from the same base.
            if last.replace(&stage.base) == Some(&stage.base) && !is_wrong {
                continue;
            }
            let base = match self.lexer.plain(&stage.base) {
                Some(plain) => Cow::Borrowed(plain),
                None => match self.lexer.word(&stage.base, defaults) {
                    Ok(word) => Cow::Owned(word.text),
                    Err(_) => return,
                },
            };
            written += base.len();
            if check_size(written).is_err() {
                return;
            }
            is_wrong = Reference::parse(&base).is_err();
            if is_wrong {
                let message = format!(
                    "Default value for ARG {} results in empty or invalid base image name",
                    stage.base
                );
                let rule = &rule::INVALID_DEFAULT_ARG_IN_FROM;
                self.linter.report(rule, Some(stage.lines), &[], message);
            }
        }
    }
}
