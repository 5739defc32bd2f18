//! The whole life of a frontend.

use crate::build_result::BuildResult;
use crate::client::Client;
use crate::environment::Environment;
use crate::error::Error;
use crate::failure::Failure;

/// Runs a frontend: connects to the daemon that has started this process, builds with what it says in the environment, and
/// ends with what comes out.
///
/// The program should exit after this at once, with code 0 if it is `Ok`: then the user has been told all there is to tell.
///
/// ```no_run
/// use buildkit_gateway::{BuildResult, Client, Environment, Error, Failure};
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), Error> {
///     buildkit_gateway::serve(build).await
/// }
///
/// async fn build(client: &Client, environment: &Environment) -> Result<BuildResult, Failure> {
///     # let _ = (client, environment);
///     Err(Failure::new("not written yet"))
/// }
/// ```
pub async fn serve(
    build: impl AsyncFnOnce(&Client, &Environment) -> Result<BuildResult, Failure>,
) -> Result<(), Error> {
    // First of all: the daemon gives up on a frontend that hasn't spoken within ten seconds.
    let client = Client::from_stdio().await?;
    let environment = Environment::current();
    client
        .serve(async |client| build(client, &environment).await)
        .await
}
