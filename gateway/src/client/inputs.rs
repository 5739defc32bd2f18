//! The graphs that the client gave to the frontend.

use std::collections::BTreeMap;

use buildkit_proto::gateway::InputsRequest;
use buildkit_proto::ops::Definition;

use super::Client;
use crate::capability::table;
use crate::error::Error;

impl Client {
    /// Fetches the graphs that the client gave to the frontend, by name: `context` and `dockerfile`
    /// in place of the local directories of these names, and whatever an option refers to as
    /// `input:NAME`.
    ///
    /// There are none on a daemon without [`INPUTS`](table::INPUTS).
    pub async fn inputs(&self) -> Result<BTreeMap<String, Definition>, Error> {
        if !self.shared.capabilities.gateway.supports(&table::INPUTS) {
            return Ok(BTreeMap::new());
        }
        Ok(self
            .shared
            .connection
            .inputs(InputsRequest {})
            .await?
            .definitions)
    }
}
