//! Where the frontend's file and its contexts come from.

use std::collections::BTreeMap;

use super::error::Problems;
use super::given::Given;
use super::value;

const CONTEXT: &str = "context:";
const LOCAL_SESSION: &str = "local-sessionid:";
const SHARED_KEY: &str = "sharedkey:localdir:";
const INPUT_METADATA: &str = "input-metadata:";

/// Where the frontend's file and its contexts come from. [`Contexts`](crate::Contexts) makes use of all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileOptions {
    /// The frontend's file (`filename`). Clients send `Dockerfile` only if they are told to; what the
    /// default is, is up to the frontend.
    pub filename: Option<String>,
    /// The local directory that has the frontend's file, whatever the build context is
    /// (`dockerfilekey`).
    pub entrypoint_key: Option<String>,
    /// Where the build context comes from if it isn't a local directory or an input: a URL of git or
    /// HTTP (`context`, or the option that `contextkey` names).
    pub context: Option<String>,
    /// The folder of a remote build context that takes its place (`contextsubdir`).
    pub context_subdir: Option<String>,
    /// Whether a git context keeps its `.git` (`BUILDKIT_CONTEXT_KEEP_GIT_DIR`).
    pub keep_git_dir: Option<bool>,
    /// Named contexts, each `NAME` or `NAME::PLATFORM` with what it stands for (`context:NAME`).
    pub named_contexts: BTreeMap<String, String>,
    /// JSON about inputs, by the input's name (`input-metadata:NAME`).
    pub input_metadata: BTreeMap<String, String>,
    /// Sessions that have local directories other than the build's (`local-sessionid:NAME`).
    pub local_sessions: BTreeMap<String, String>,
    /// What tells apart the transfers of equally named local directories (`sharedkey:localdir:NAME`).
    pub shared_keys: BTreeMap<String, String>,
}

pub(super) fn parse(given: Given<'_>, problems: &mut Problems) -> FileOptions {
    FileOptions {
        filename: given.text("filename"),
        entrypoint_key: given.text("dockerfilekey"),
        context: given.text(given.get("contextkey").unwrap_or("context")),
        context_subdir: given.text("contextsubdir"),
        keep_git_dir: problems.parse(
            given.0,
            "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR",
            value::boolean,
        ),
        named_contexts: given.with_prefix(CONTEXT),
        input_metadata: given.with_prefix(INPUT_METADATA),
        local_sessions: given.with_prefix(LOCAL_SESSION),
        shared_keys: given.with_prefix(SHARED_KEY),
    }
}
