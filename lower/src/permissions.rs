//! Entitlements that a client has to allow.

use stagefile_language::plan::{Action, Network, Plan, Run};
use stagefile_language::source::Span;

/// A feature of a step that the client has to allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The entitlement, as in clients' `--allow`.
    pub entitlement: String,
    /// The key in the file.
    pub key: &'static str,
    /// The location in the file.
    pub span: Span,
    /// A part of the daemon's error message if it isn't allowed.
    pub refusal: &'static str,
}

/// Returns the permissions that a plan needs.
pub fn permissions(plan: &Plan) -> Vec<Permission> {
    let order = plan.order().into_iter();
    let actions = order.flat_map(|id| plan.stage(id).actions());
    let runs = actions.filter_map(|action| match action {
        Action::Run(run) => Some(run),
        _ => None,
    });
    runs.flat_map(|run| permissions_of(run)).collect()
}

fn permissions_of(run: &Run) -> impl Iterator<Item = Permission> + '_ {
    let privileged = run.privileged.map(|span| Permission {
        entitlement: "security.insecure".to_owned(),
        key: "privileged",
        span,
        refusal: "security.insecure is not allowed",
    });
    let host = (run.settings.network == Network::Host).then(|| Permission {
        entitlement: "network.host".to_owned(),
        key: "network: host",
        span: run.span,
        refusal: "network.host is not allowed",
    });
    let devices = run.devices.iter().map(|device| Permission {
        entitlement: format!("device={}", device.name.value),
        key: "devices",
        span: device.name.span,
        refusal: "requested by the build but not allowed",
    });
    privileged.into_iter().chain(host).chain(devices)
}
