//! The network of processes.

use super::error::OptionProblem;

/// The network of processes that don't choose their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NetworkMode {
    /// The sandbox's own.
    #[default]
    Sandbox,
    /// The one of the daemon's host. The client has to allow it, too.
    Host,
    /// None.
    None,
}

pub(super) fn parse(value: &str) -> Result<NetworkMode, OptionProblem> {
    match value {
        "sandbox" => Ok(NetworkMode::Sandbox),
        "host" => Ok(NetworkMode::Host),
        "none" => Ok(NetworkMode::None),
        _ => Err(OptionProblem::NotOneOf {
            allowed: "`sandbox`, `host` and `none`",
        }),
    }
}
