//! Questions about a file, which clients ask instead of a build: `docker buildx build --call NAME`.

use buildkit_gateway::{BuildResult, Client, Environment, Failure, Options};

/// Answers a question.
pub(super) async fn answer(
    name: &str,
    _client: &Client,
    _environment: &Environment,
    _options: &Options,
) -> Result<BuildResult, Failure> {
    Err(Failure::unsupported_subrequest(name))
}
