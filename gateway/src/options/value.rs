//! Values of a few words or a number.

use super::error::OptionProblem;
use crate::client::ResolveMode;

/// Reads what Go's `strconv.ParseBool` reads.
pub(crate) fn boolean(value: &str) -> Result<bool, OptionProblem> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(OptionProblem::NotBoolean),
    }
}

pub(super) fn bytes(value: &str) -> Result<u64, OptionProblem> {
    let number = value
        .parse()
        .ok()
        .filter(|&number| i64::try_from(number).is_ok());
    number.ok_or(OptionProblem::NotNumber {
        expected: "a number of bytes",
    })
}

pub(super) fn resolve_mode(value: &str) -> Result<ResolveMode, OptionProblem> {
    let modes = [ResolveMode::Default, ResolveMode::Pull, ResolveMode::Local];
    let mode = modes.into_iter().find(|mode| mode.as_str() == value);
    mode.ok_or(OptionProblem::NotOneOf {
        allowed: "`default`, `pull` and `local`",
    })
}
