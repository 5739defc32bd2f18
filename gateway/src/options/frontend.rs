//! Which frontend the client asked for.

use super::given::Given;

/// Which frontend the client asked for, and how it came to be this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrontendOptions {
    /// The image that this frontend was started from (`source`).
    pub image: Option<String>,
    /// What the client needs the frontend to know (`frontend.caps`).
    pub capabilities: Vec<String>,
    /// The frontend that the user wants, whatever the file says (`BUILDKIT_SYNTAX`).
    pub syntax: Option<String>,
    /// The syntax directive that led to this frontend (`cmdline`). If it is there, the build has been
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
