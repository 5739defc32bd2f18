//! Returning the result of a build.

use buildkit_proto::gateway::ReturnRequest;

use super::Client;
use crate::build_result::BuildResult;
use crate::capability::table;
use crate::error::Error;
use crate::failure::Failure;

impl Client {
    /// Runs a build and returns its result to the daemon.
    ///
    /// A result that this daemon can't accept becomes an error that says why. The program should
    /// exit immediately afterwards, with code 0 if this returns `Ok`, since everything has been
    /// reported to the user.
    ///
    /// ```no_run
    /// use buildkit_gateway::{BuildResult, Client, Failure};
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() -> Result<(), buildkit_gateway::Error> {
    ///     Client::from_stdio().await?.serve(build).await
    /// }
    ///
    /// async fn build(client: &Client) -> Result<BuildResult, Failure> {
    ///     # let _ = client;
    ///     Err(Failure::new("not written yet"))
    /// }
    /// ```
    pub async fn serve(
        &self,
        build: impl AsyncFnOnce(&Self) -> Result<BuildResult, Failure>,
    ) -> Result<(), Error> {
        let failure = match build(self).await {
            Err(failure) => failure,
            Ok(result) => match self.return_result(result).await {
                Err(error @ Error::Unsupported(_)) => error.into(),
                other => return other,
            },
        };
        self.return_failure(failure).await
    }

    /// Ends the build with a result. The daemon builds what isn't built yet, and exports it.
    ///
    /// The program should then exit immediately with code 0: the daemon waits for it, and any other
    /// code turns the result into an error.
    pub async fn return_result(&self, result: BuildResult) -> Result<(), Error> {
        let gateway = &self.shared.capabilities.gateway;
        gateway.require(&table::RETURN)?;
        if result.references().count() > 1 {
            gateway.require(&table::RETURN_MAP)?;
        }
        if result.has_attestations() {
            gateway.require(&table::ATTESTATIONS)?;
        }
        let result = result.into_wire(gateway.supports(&table::REF_ARRAY));
        self.return_either(ReturnRequest {
            result: Some(result),
            error: None,
        })
        .await
    }

    /// Ends the build with an error.
    ///
    /// The program should then exit immediately, with any code.
    pub async fn return_failure(&self, failure: impl Into<Failure>) -> Result<(), Error> {
        self.shared.capabilities.gateway.require(&table::RETURN)?;
        let error = failure.into().into_status();
        self.return_either(ReturnRequest {
            result: None,
            error: Some(error),
        })
        .await
    }

    async fn return_either(&self, request: ReturnRequest) -> Result<(), Error> {
        self.shared.connection.r#return(request).await?;
        Ok(())
    }
}
