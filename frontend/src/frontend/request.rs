//! Questions about a file, which clients ask instead of a build: `docker buildx build --call NAME`.

use buildkit_gateway::{BuildResult, Failure};

use super::Build;

/// Answers a question.
pub(super) fn answer(name: &str, _build: &Build<'_>) -> Result<BuildResult, Failure> {
    Err(Failure::unsupported_subrequest(name))
}
