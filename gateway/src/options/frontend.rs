//! The frontend that the client requested.

use super::given::Given;

/// The frontend that the client requested, and how this frontend was selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrontendOptions {
    /// The image that this frontend was started from (`source`).
    pub image: Option<String>,
    /// The frontend capabilities that the client requires (`frontend.caps`).
    pub capabilities: Vec<String>,
    /// The frontend that the user requests, overriding the file (`BUILDKIT_SYNTAX`).
    pub syntax: Option<String>,
    /// The syntax directive that led to this frontend (`cmdline`). If it is set, the build has been
    /// forwarded already.
    pub command_line: Option<String>,
}

pub(super) fn parse(given: Given<'_>) -> FrontendOptions {
    let capabilities = given.get("frontend.caps").map(|list| list.split(','));
    FrontendOptions {
        image: given.text("source"),
        capabilities: capabilities
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .collect(),
        syntax: given.argument("BUILDKIT_SYNTAX").map(str::to_owned),
        command_line: given.text("cmdline"),
    }
}
