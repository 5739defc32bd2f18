//! Sending graphs to the daemon.

use buildkit_proto::gateway as wire;
use buildkit_proto::ops::Definition;
use buildkit_proto::source_policy::Policy;

use super::Client;
use crate::build_result::BuildResult;
use crate::capability::table;
use crate::error::Error;
use crate::options::CacheImport;

/// A request to solve a graph or to run another frontend, with options.
///
/// ```
/// use buildkit_gateway::SolveRequest;
///
/// # let definition = buildkit_proto::ops::Definition::default();
/// let graph = SolveRequest::definition(definition).evaluate();
/// let nested = SolveRequest::frontend("dockerfile.v0")
///     .option("filename", "Dockerfile")
///     .option("target", "build");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct SolveRequest {
    message: wire::SolveRequest,
}

impl SolveRequest {
    /// Creates a request for a graph.
    pub fn definition(definition: impl Into<Definition>) -> Self {
        Self::from_message(wire::SolveRequest {
            definition: Some(definition.into()),
            ..wire::SolveRequest::default()
        })
    }

    /// Creates a request for another frontend: `dockerfile.v0`, which is built into the daemon, or
    /// `gateway.v0`, which runs the image named by the option `source`.
    pub fn frontend(name: impl Into<String>) -> Self {
        Self::from_message(wire::SolveRequest {
            frontend: name.into(),
            ..wire::SolveRequest::default()
        })
    }

    fn from_message(message: wire::SolveRequest) -> Self {
        let message = wire::SolveRequest {
            // Without these, daemons answer in a format from before 2019.
            allow_result_return: true,
            allow_result_array_ref: true,
            ..message
        };
        Self { message }
    }

    /// Sets an option of the other frontend.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.message.frontend_opt.insert(name.into(), value.into());
        self
    }

    /// Sets several options of the other frontend.
    pub fn options<N: Into<String>, V: Into<String>>(
        mut self,
        options: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let options = options
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()));
        self.message.frontend_opt.extend(options);
        self
    }

    /// Passes a graph to the other frontend, to which an option can refer as `input:NAME`.
    pub fn input(mut self, name: impl Into<String>, definition: impl Into<Definition>) -> Self {
        self.message
            .frontend_inputs
            .insert(name.into(), definition.into());
        self
    }

    /// Builds the graph before answering, so that errors of the build are returned as the answer.
    pub fn evaluate(mut self) -> Self {
        self.message.evaluate = true;
        self
    }

    /// Sets the caches to import. The client's `--cache-from` has no effect unless the frontend
    /// passes it on here.
    pub fn cache_imports<'import>(
        mut self,
        imports: impl IntoIterator<Item = &'import CacheImport>,
    ) -> Self {
        let imports = imports.into_iter().map(|import| wire::CacheOptionsEntry {
            r#type: import.kind.clone(),
            attrs: import.attributes.clone(),
        });
        self.message.cache_imports.extend(imports);
        self
    }

    /// Applies source policies to the graph, in addition to those of the client.
    pub fn source_policies(mut self, policies: impl IntoIterator<Item = Policy>) -> Self {
        self.message.source_policies.extend(policies);
        self
    }
}

impl Client {
    /// Sends a graph to the daemon, or a request to another frontend.
    ///
    /// The daemon builds the graph only when its result is needed, unless
    /// [`evaluate`](SolveRequest::evaluate) is set: then errors are returned here rather than when
    /// a file is read or at the end of the build.
    ///
    /// Fails with [`Error::Unsupported`] before anything is sent if an operation of the graph needs
    /// something that the daemon doesn't support.
    pub async fn solve(&self, request: SolveRequest) -> Result<BuildResult, Error> {
        let SolveRequest { mut message } = request;
        let gateway = &self.shared.capabilities.gateway;
        gateway.require(&table::SOLVE)?;
        let metadata = message
            .definition
            .iter()
            .flat_map(|definition| definition.metadata.values());
        // The daemon refuses every capability listed, even if its value is false.
        for capability in metadata.flat_map(|metadata| metadata.caps.keys()) {
            self.shared.capabilities.llb.supports_id(capability)?;
        }
        if !gateway.supports(&table::IMPORT_CACHES) {
            message.cache_imports.clear();
        }
        let evaluate_after = message.evaluate && !gateway.supports(&table::SOLVE_EVALUATE);
        message.evaluate &= !evaluate_after;

        let answer = self.shared.connection.solve(message).await?;
        let result = match answer.result {
            Some(result) => BuildResult::from_wire(self, result),
            // The format from before results had metadata.
            None => BuildResult::from_wire(
                self,
                wire::Result {
                    result: Some(wire::result::Result::RefDeprecated(answer.r#ref)),
                    ..wire::Result::default()
                },
            ),
        };
        if evaluate_after {
            for reference in result.references() {
                reference.stat_file(".").await?;
            }
        }
        Ok(result)
    }
}
