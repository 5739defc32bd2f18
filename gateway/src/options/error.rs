//! Errors of options.

use std::collections::BTreeMap;
use std::fmt;

use buildkit_llb::{PlatformError, ReferenceError};

/// The error for invalid options of the client, with all of them.
#[derive(Debug, thiserror::Error)]
pub struct InvalidOptions(pub Vec<InvalidOption>);

impl fmt::Display for InvalidOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            if number > 0 {
                formatter.write_str("\n")?;
            }
            problem.fmt(formatter)?;
        }
        Ok(())
    }
}

/// An invalid option of the client.
#[derive(Debug, thiserror::Error)]
#[error("option `{option}` can't be `{value}`: {problem}")]
#[non_exhaustive]
pub struct InvalidOption {
    /// The option's name.
    pub option: String,
    /// The option's value, or the invalid part of it.
    pub value: String,
    /// What is wrong with the value.
    pub problem: OptionProblem,
}

/// The reason why an option is invalid.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptionProblem {
    /// The value isn't one of the allowed words.
    #[error("it must be one of {allowed}")]
    NotOneOf {
        /// The allowed words.
        allowed: &'static str,
    },
    /// The value isn't a boolean.
    #[error("it must be `true` or `false`")]
    NotBoolean,
    /// The value isn't a number, or is out of range.
    #[error("it must be {expected}")]
    NotNumber {
        /// The expected numbers.
        expected: &'static str,
    },
    /// The value isn't a platform.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// The value isn't an image reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The value isn't JSON of the expected form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The value isn't a list of comma-separated fields: its quotes are invalid.
    #[error("a quote in it is at the wrong place or isn't closed")]
    Quotes,
    /// The value isn't a host and an address.
    #[error("it must be a host name and an IP address with `=` between them")]
    NotHost,
    /// The value isn't a resource limit.
    #[error("it must be a name, `=`, and one or two numbers with a colon between them")]
    NotUlimit,
    /// The name of the resource limit is unknown.
    #[error("there is no such limit; there are {allowed}")]
    UnknownUlimit {
        /// The known names.
        allowed: String,
    },
    /// The soft limit is higher than the hard limit.
    #[error("the soft limit must not be above the hard limit")]
    UlimitOrder,
    /// The value isn't a set of CPUs or memory nodes.
    #[error("it must be a list of numbers and ranges such as `0-3,5`, up to 8192")]
    NotCpuset,
    /// The attestation is unknown.
    #[error("there are only `sbom` and `provenance`")]
    UnknownAttestation,
    /// A required name is empty.
    #[error("it must not be empty")]
    Empty,
    /// Several platforms are requested in the single-platform form.
    #[error("{count} platforms are asked for, and only a multi-platform result has room for them")]
    SeveralPlatforms {
        /// The number of platforms.
        count: usize,
    },
    /// BuildKit no longer supports the option.
    #[error("BuildKit has done without it since {since}")]
    Removed {
        /// The first version that doesn't support it.
        since: &'static str,
    },
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<InvalidOption>,
}

impl Problems {
    pub(super) fn add(&mut self, option: &str, value: &str, problem: OptionProblem) {
        let (option, value) = (option.to_owned(), value.to_owned());
        self.found.push(InvalidOption {
            option,
            value,
            problem,
        });
    }

    /// Returns a valid value, and records an error.
    pub(super) fn take<T>(
        &mut self,
        option: &str,
        value: &str,
        result: Result<T, OptionProblem>,
    ) -> Option<T> {
        result
            .map_err(|problem| self.add(option, value, problem))
            .ok()
    }

    /// Parses an option; `None` if it is missing, empty or invalid.
    pub(super) fn parse<T>(
        &mut self,
        raw: &BTreeMap<String, String>,
        option: &str,
        read: impl FnOnce(&str) -> Result<T, OptionProblem>,
    ) -> Option<T> {
        let value = raw.get(option).filter(|value| !value.is_empty())?;
        self.take(option, value, read(value))
    }

    /// Parses an option that has a default.
    pub(super) fn parse_or_default<T: Default>(
        &mut self,
        raw: &BTreeMap<String, String>,
        option: &str,
        read: impl FnOnce(&str) -> Result<T, OptionProblem>,
    ) -> T {
        self.parse(raw, option, read).unwrap_or_default()
    }

    pub(super) fn into_result<T>(self, value: T) -> Result<T, InvalidOptions> {
        if self.found.is_empty() {
            Ok(value)
        } else {
            Err(InvalidOptions(self.found))
        }
    }
}
