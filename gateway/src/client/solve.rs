//! Handing graphs to the daemon.

use buildkit_proto::gateway as wire;
use buildkit_proto::ops::Definition;
use buildkit_proto::source_policy::Policy;

use super::Client;
use crate::build_result::BuildResult;
use crate::capability::table;
use crate::error::Error;
use crate::options::CacheImport;

/// A graph, or a request for another frontend, with what the daemon should mind.
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
    /// Asks for a graph.
    pub fn definition(definition: impl Into<Definition>) -> Self {
        Self::of(wire::SolveRequest {
            definition: Some(definition.into()),
            ..wire::SolveRequest::default()
        })
    }

    /// Asks another frontend: `dockerfile.v0`, which is part of the daemon, or `gateway.v0`, which
    /// runs the image of the option `source`.
    pub fn frontend(name: impl Into<String>) -> Self {
        Self::of(wire::SolveRequest {
            frontend: name.into(),
            ..wire::SolveRequest::default()
        })
    }

    fn of(message: wire::SolveRequest) -> Self {
        let message = wire::SolveRequest {
            // Without these, daemons answer in a form from before 2019.
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

    /// Gives the other frontend a graph, to which an option can refer as `input:NAME`.
    pub fn input(mut self, name: impl Into<String>, definition: impl Into<Definition>) -> Self {
        self.message
            .frontend_inputs
            .insert(name.into(), definition.into());
        self
    }

    /// Has the graph built before the answer comes, so that its errors come as the answer.
    pub fn evaluate(mut self) -> Self {
        self.message.evaluate = true;
        self
    }

    /// Has caches looked at while the graph is built. The client's `--cache-from` does nothing
    /// unless the frontend hands it on here.
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

    /// Applies rules to the sources of the graph, on top of those of the client.
    pub fn source_policies(mut self, policies: impl IntoIterator<Item = Policy>) -> Self {
        self.message.source_policies.extend(policies);
        self
    }
}

impl Client {
    /// Hands a graph to the daemon, or a request to another frontend.
    ///
    /// The daemon doesn't build the graph before its result is needed, unless it is
    /// [told to](SolveRequest::evaluate): then errors come from here rather than from reading a file
    /// or from the end of the build.
    ///
    /// Fails with [`Error::Unsupported`] before anything is sent if an operation of the graph needs
    /// what the daemon can't do.
    pub async fn solve(&self, request: SolveRequest) -> Result<BuildResult, Error> {
        let SolveRequest { mut message } = request;
        let gateway = &self.shared.capabilities.gateway;
        gateway.require(&table::SOLVE)?;
        let metadata = message
            .definition
            .iter()
            .flat_map(|definition| definition.metadata.values());
        // The daemon refuses whatever is listed, also where the value is false.
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
            // The form from before results had metadata.
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
