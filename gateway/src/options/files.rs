//! Locations of the frontend's file and of contexts.

use std::collections::BTreeMap;

use super::error::Problems;
use super::given::Given;
use super::value;

const CONTEXT: &str = "context:";
const LOCAL_SESSION: &str = "local-sessionid:";
const SHARED_KEY: &str = "sharedkey:localdir:";
const INPUT_METADATA: &str = "input-metadata:";

/// The locations of the frontend's file and of contexts. [`Contexts`](crate::Contexts) uses all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileOptions {
    /// The name of the frontend's file (`filename`). Clients send `Dockerfile` only if told to; the default is
    /// up to the frontend.
    pub filename: Option<String>,
    /// The name of the local directory with the frontend's file, whatever the build context is
    /// (`dockerfilekey`).
    pub dockerfile_key: Option<String>,
    /// The URL of the build context, for Git or HTTP, unless it is a local directory or an input (`context`,
    /// or the option that `contextkey` names).
    pub context: Option<String>,
    /// The subdirectory of a remote build context that is used as the context (`contextsubdir`).
    pub context_subdir: Option<String>,
    /// Whether a Git context keeps its `.git` directory (`BUILDKIT_CONTEXT_KEEP_GIT_DIR`).
    pub keep_git_dir: Option<bool>,
    /// The values of named contexts, by `NAME` or `NAME::PLATFORM` (`context:NAME`).
    pub named_contexts: BTreeMap<String, String>,
    /// Metadata of inputs as JSON, by the input's name (`input-metadata:NAME`).
    pub input_metadata: BTreeMap<String, String>,
    /// Sessions that have local directories, other than the build's session (`local-sessionid:NAME`).
    pub local_sessions: BTreeMap<String, String>,
    /// Keys that distinguish the transfers of local directories with the same name
    /// (`sharedkey:localdir:NAME`).
    pub shared_keys: BTreeMap<String, String>,
}

pub(super) fn parse(given: Given<'_>, problems: &mut Problems) -> FileOptions {
    FileOptions {
        filename: given.text("filename"),
        dockerfile_key: given.text("dockerfilekey"),
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
