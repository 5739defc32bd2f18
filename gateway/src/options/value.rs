//! Values of option types.

use buildkit_llb::{Network, ResolveMode};

use super::error::OptionProblem;

/// Parses what Go's `strconv.ParseBool` accepts.
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
    match value {
        "default" => Ok(ResolveMode::Default),
        "pull" => Ok(ResolveMode::Pull),
        "local" => Ok(ResolveMode::PreferLocal),
        _ => Err(OptionProblem::NotOneOf {
            allowed: "`default`, `pull` and `local`",
        }),
    }
}

pub(super) fn network(value: &str) -> Result<Network, OptionProblem> {
    match value {
        "sandbox" => Ok(Network::Sandbox),
        "host" => Ok(Network::Host),
        "none" => Ok(Network::None),
        _ => Err(OptionProblem::NotOneOf {
            allowed: "`sandbox`, `host` and `none`",
        }),
    }
}
