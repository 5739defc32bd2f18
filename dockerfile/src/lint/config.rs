//! The configuration of rules by a file, a comment or a user.

use std::collections::BTreeSet;

use crate::go;
use crate::parser::directive_pair;

/// The selection of rules.
///
/// ```
/// use buildkit_dockerfile::LintConfig;
///
/// let config = LintConfig::parse("skip=JSONArgsRecommended,UndefinedVar;error=true")?;
/// assert!(config.returns_error());
/// # Ok::<(), buildkit_dockerfile::LintConfigError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LintConfig {
    skips_all: bool,
    skipped: BTreeSet<String>,
    all_experiments: bool,
    experiments: BTreeSet<String>,
    returns_error: bool,
}

/// The error for an invalid `check` directive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LintConfigError(String);

impl LintConfig {
    /// Parses the value of a `check` directive: `skip=RULES;error=true;experimental=RULES`, where
    /// `RULES` is `all` or a comma-separated list.
    pub fn parse(text: &str) -> Result<Self, LintConfigError> {
        let mut config = Self::default();
        let text = text.trim();
        if text.is_empty() {
            return Ok(config);
        }
        let rules = |value: &str| -> BTreeSet<String> {
            value
                .split(',')
                .map(|rule| rule.trim().to_owned())
                .collect()
        };
        // Docker's frontend splits at most twice, so the rest is part of the last value.
        for part in text.splitn(3, ';') {
            let Some((key, value)) = part.split_once('=') else {
                return Err(LintConfigError(format!(
                    "invalid check option {}",
                    go::quote(part)
                )));
            };
            let value = value.trim();
            match key.trim() {
                "skip" if value == "all" => config.skips_all = true,
                "skip" => config.skipped = rules(value),
                "experimental" if value == "all" => config.all_experiments = true,
                "experimental" => config.experiments = rules(value),
                "error" => {
                    config.returns_error = go::parse_bool(value).ok_or_else(|| {
                        LintConfigError(format!(
                            "failed to parse check option {}: strconv.ParseBool: parsing {}: invalid syntax",
                            go::quote(part),
                            go::quote(value)
                        ))
                    })?;
                }
                key => {
                    return Err(LintConfigError(format!(
                        "invalid check option {}",
                        go::quote(key)
                    )));
                }
            }
        }
        Ok(config)
    }

    /// Reports whether findings make the build fail.
    pub fn returns_error(&self) -> bool {
        self.returns_error
    }

    /// Reports whether a rule is enabled.
    pub(super) fn has(&self, rule: &super::Rule) -> bool {
        if rule.experimental {
            self.all_experiments || self.experiments.contains(rule.name)
        } else {
            !self.skips_all && !self.skipped.contains(rule.name)
        }
    }

    /// Adds the configuration in the comments directly before an instruction.
    pub(super) fn with_comments(&self, comments: &[String]) -> Option<Self> {
        let mut directives = comments
            .iter()
            .filter_map(|comment| directive_pair(comment))
            .filter(|(name, _)| *name == "check");
        let (_, value) = directives.next()?;
        let value = value.split_once(' ').map_or(value, |(value, _)| value);
        let other = Self::parse(value).ok()?;
        Some(Self {
            skips_all: self.skips_all || other.skips_all,
            skipped: &self.skipped | &other.skipped,
            all_experiments: self.all_experiments || other.all_experiments,
            experiments: &self.experiments | &other.experiments,
            returns_error: self.returns_error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule;
    use super::*;

    #[test]
    fn directives_choose_rules() {
        let config =
            LintConfig::parse("skip=UndefinedVar, StageNameCasing;experimental=all").unwrap();
        assert!(!config.has(&rule::UNDEFINED_VAR));
        assert!(!config.has(&rule::STAGE_NAME_CASING));
        assert!(config.has(&rule::FROM_AS_CASING));
        assert!(config.has(&rule::INVALID_DEFINITION_DESCRIPTION));
        let comments = ["check=skip=FromAsCasing".to_owned()];
        let merged = config.with_comments(&comments).unwrap();
        assert!(!merged.has(&rule::FROM_AS_CASING));
        assert_eq!(config.with_comments(&["just text".to_owned()]), None);
    }

    #[test]
    fn mistakes_in_directives_are_errors() {
        for text in ["x", "x=1", "error=maybe"] {
            LintConfig::parse(text).unwrap_err();
        }
    }
}
