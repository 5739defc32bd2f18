//! Inputs: graphs that the client passes to the frontend.

use std::collections::BTreeMap;

use buildkit_proto::gateway::InputsRequest;
use buildkit_proto::ops::Definition;

use super::Client;
use crate::capability::table;
use crate::error::Error;

impl Client {
    /// Fetches the client's inputs, by name: `context` and `dockerfile` replace the local
    /// directories with these names, and options refer to others as `input:NAME`.
    ///
    /// Returns none on a daemon without [`INPUTS`](table::INPUTS).
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
