//! Whether the client has the secrets that the build needs: asked before anything runs.

use std::collections::BTreeMap;

use buildkit_gateway::container::{ContainerRequest, Mount};
use buildkit_gateway::{Error, Failure};

use super::Build;
use super::mistakes::single;
use crate::diagnostics;
use crate::plan::{Action, Plan};
use crate::source::{Sources, Span};

/// Fails at the definition of the first secret that the client doesn't have.
///
/// A container that mounts the secrets is prepared and dropped; nothing runs in it. Daemons without containers for
/// frontends find out when the step runs.
pub(super) async fn preflight(
    plan: &Plan,
    sources: &Sources,
    build: &Build<'_>,
) -> Result<(), Failure> {
    for (id, span) in required(plan) {
        let request = ContainerRequest::new(None).mount(Mount::secret("/secret", &id));
        match build.client.new_container(request).await {
            Ok(container) => container.release().await?,
            Err(Error::Unsupported(_)) => return Ok(()),
            Err(error) if error.to_string().contains("not found") => {
                return Err(single(sources, diagnostics::missing_secret(&id, span)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Lists the secrets that the target can't be built without.
fn required(plan: &Plan) -> BTreeMap<String, Span> {
    let steps = plan
        .order()
        .into_iter()
        .flat_map(|id| &plan.stage(id).steps);
    let runs = steps.filter_map(|step| match &step.action {
        Action::Run(run) => Some(run),
        _ => None,
    });
    let secrets = runs
        .flat_map(|run| &run.settings.secrets)
        .filter(|secret| !secret.optional);
    secrets
        .map(|secret| (secret.id.clone(), secret.span))
        .collect()
}
