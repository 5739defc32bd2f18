//! What can be wrong with options.

use std::collections::BTreeMap;
use std::fmt;

use buildkit_llb::{PlatformError, ReferenceError};

/// Options of the client that make no sense, all of them.
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

/// An option of the client that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("option `{option}` can't be `{value}`: {problem}")]
#[non_exhaustive]
pub struct InvalidOption {
    /// The option's name.
    pub option: String,
    /// What the client said, or the part of it that makes no sense.
    pub value: String,
    /// Why it makes none.
    pub problem: OptionProblem,
}

/// Why an option makes no sense.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptionProblem {
    /// It should be one of a few words.
    #[error("it must be one of {allowed}")]
    NotOneOf {
        /// The words.
        allowed: &'static str,
    },
    /// It should be yes or no.
    #[error("it must be `true` or `false`")]
    NotBoolean,
    /// It should be a number.
    #[error("it must be {expected}")]
    NotNumber {
        /// Which numbers are right.
        expected: &'static str,
    },
    /// It should be a platform.
    #[error(transparent)]
    Platform(#[from] PlatformError),
    /// It should be an image.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// It should be JSON of a certain form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It should be fields with commas between them.
    #[error("a quote in it is at the wrong place or isn't closed")]
    Quotes,
    /// It should be a host and an address.
    #[error("it must be a host name and an IP address with `=` between them")]
    NotHost,
    /// It should be a limit.
    #[error("it must be a name, `=`, and one or two numbers with a colon between them")]
    NotUlimit,
    /// It should be the name of a limit that there is.
    #[error("there is no such limit; there are {allowed}")]
    UnknownUlimit {
        /// The names.
        allowed: String,
    },
    /// The lower limit is higher than the upper one.
    #[error("the soft limit must not be above the hard limit")]
    UlimitOrder,
    /// It should be a set of processors or memory nodes.
    #[error("it must be a list of numbers and ranges such as `0-3,5`, up to 8192")]
    NotCpuset,
    /// It should be the name of an attestation that there is.
    #[error("there are only `sbom` and `provenance`")]
    UnknownAttestation,
    /// A name that has to be there is empty.
    #[error("it must not be empty")]
    Empty,
    /// Several platforms are asked for in the form that has room for one.
    #[error("{count} platforms are asked for, and only a multi-platform result has room for them")]
    SeveralPlatforms {
        /// How many are asked for.
        count: usize,
    },
    /// BuildKit knew it once.
    #[error("BuildKit has done without it since {since}")]
    Removed {
        /// The first version without it.
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

    /// Gives what is right, and notes what is wrong.
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

    /// Reads an option; one that is absent, empty or wrong gives nothing.
    pub(super) fn parse<T>(
        &mut self,
        raw: &BTreeMap<String, String>,
        option: &str,
        read: impl FnOnce(&str) -> Result<T, OptionProblem>,
    ) -> Option<T> {
        let value = raw.get(option).filter(|value| !value.is_empty())?;
        self.take(option, value, read(value))
    }

    /// Reads an option that has a default.
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
