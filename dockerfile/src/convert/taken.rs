//! What instructions take from elsewhere.

use buildkit_llb::State;

/// A path that an instruction takes files from, as `COPY`, `ADD` and binds of `RUN` do.
///
/// The daemon finds out while it builds that one isn't there, and says neither of what nor what is there instead.
#[derive(Clone, Debug)]
pub struct Taken {
    /// All the files of where it is.
    pub files: State,
    /// Where it is.
    pub from: TakenFrom,
    /// The path from their root, after variables were replaced. It may be a pattern.
    pub path: String,
}

/// Where an instruction takes files from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakenFrom {
    /// The build context.
    Context,
    /// A stage of the file, by its name in progress.
    Stage(String),
    /// An image, or a context that the client has named.
    Other(String),
}
