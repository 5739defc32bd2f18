//! The entry point of a frontend.

use crate::build_result::BuildResult;
use crate::client::Client;
use crate::environment::Environment;
use crate::error::Error;
use crate::failure::Failure;

/// Runs a frontend: connects to the daemon that started this process, calls `build` with the environment from the daemon,
/// and returns the result to the daemon.
///
/// The program should exit immediately afterwards, with code 0 if this returns `Ok`, since everything has been reported to
/// the user.
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
    // Connect first: the daemon gives up on a frontend that hasn't spoken within ten seconds.
    let client = Client::from_stdio().await?;
    let environment = Environment::current();
    client
        .serve(async |client| build(client, &environment).await)
        .await
}
