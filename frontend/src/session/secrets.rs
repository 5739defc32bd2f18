//! Checks that the client has the secrets that the build needs, before anything runs.

use std::collections::BTreeMap;

use buildkit_gateway::container::{ContainerRequest, Mount};
use buildkit_gateway::{Client, Error, Failure};
use futures_util::future::try_join_all;
use stagefile_language::diagnostic::Diagnostics;
use stagefile_language::diagnostics;
use stagefile_language::plan::Plan;
use stagefile_language::source::{Sources, Span};

use super::Build;
use super::mistakes::failure;

/// The path at which a secret is mounted for the check.
const PATH: &str = "/secret";

/// Fails with the definitions of all secrets that the client doesn't have. Secrets of earlier plans have been
/// checked already.
///
/// A container that mounts the secret is created and released; nothing runs in it. On daemons without containers
/// for frontends, a missing secret is only noticed when the step runs.
pub(super) async fn preflight<'p>(
    plan: &Plan,
    earlier: impl IntoIterator<Item = &'p Plan>,
    sources: &Sources,
    build: &Build<'_>,
) -> Result<(), Failure> {
    let mut required = required(plan);
    for earlier in earlier {
        let asked = self::required(earlier);
        required.retain(|id, _| !asked.contains_key(id));
    }
    let asked = required.keys().map(|id| is_missing(build.client, id));
    let missing = try_join_all(asked).await?;
    let mut found = Diagnostics::default();
    for ((id, span), missing) in required.iter().zip(missing) {
        if missing {
            found.push(diagnostics::missing_secret(id, *span));
        }
    }
    if found.has_errors() {
        return Err(failure(sources, &found));
    }
    Ok(())
}

/// Reports whether the client lacks a secret. Daemons have no error code for that, only a message; but if the
/// request fails with the secret, and succeeds if the secret is optional, the secret is missing.
pub(super) async fn is_missing(client: &Client, id: &str) -> Result<bool, Error> {
    let secret = || Mount::secret(PATH, id);
    let error = match prepare(client, secret()).await {
        Ok(()) | Err(Error::Unsupported(_)) => return Ok(false),
        Err(error) => error,
    };
    match prepare(client, secret().optional()).await {
        Ok(()) => Ok(true),
        Err(_) => Err(error),
    }
}

async fn prepare(client: &Client, mount: Mount) -> Result<(), Error> {
    let request = ContainerRequest::new(None).mount(mount);
    client.new_container(request).await?.release().await
}

/// Returns the secrets that the target requires.
fn required(plan: &Plan) -> BTreeMap<String, Span> {
    let secrets = plan.runs().flat_map(|run| &run.settings.secrets);
    secrets
        .filter(|secret| !secret.optional)
        .map(|secret| (secret.id.clone(), secret.span))
        .collect()
}
